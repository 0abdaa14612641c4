-- Ten questions on the study pack with the answers that experts delivered and the ratings that clients gave.
-- This part is data; what follows it drives each one through the pipeline's own functions, so that every state,
-- version, citation, credit and rating comes about as it does for a real question.
-- Each quote is an exact sentence of the page and section that it names.

create temp table if not exists seed_delivered (
  n integer primary key,
  client_email text not null,
  topic_slug text not null,
  question text not null,
  answer text not null,
  cited jsonb not null, -- in the order of the markers: [1] is the first
  score integer not null,
  comment text not null
);

insert into seed_delivered (n, client_email, topic_slug, question, answer, cited, score, comment) values
(
  1, 'student@lyceum.test', 'cardiovascular-system',
  $question$If the right ventricle pumps slightly more than the left for a few minutes, why do my lungs not fill up with blood?$question$,
  $answer$Because the surplus corrects itself. Both ventricles sit on the same circuit, one behind the other, so any blood that the right side sends ahead has only one way to go: into the left heart [1]. There it stretches the wall a little more before the next contraction, and a ventricle that starts from a larger volume ejects a larger volume [2]. This needs no nerve and no hormone; a heart on a laboratory bench does the same.

It is worth doing the sum to see how much the mechanism matters. One extra millilitre per beat, at 70 beats a minute, would leave 700 mL in the lungs after ten minutes [3]. In a healthy person the correction comes within a few beats.

The limit is the flat part of the curve. A failing left ventricle that is already overfilled answers extra filling with hardly any extra output, and then blood really does collect in the lungs.$answer$,
  $cited$[
    {"page": 1, "heading": "Chambers and walls", "quote": "The two ventricles nevertheless eject the same amount, since they are connected one after the other and blood cannot pile up for long on either side."},
    {"page": 8, "heading": "What the law says", "quote": "The Frank-Starling law states that stroke volume rises when end-diastolic volume rises, provided that afterload and contractility stay the same."},
    {"page": 8, "heading": "Matching the two ventricles", "quote": "Suppose the right ventricle ejected only 1 mL more per beat than the left at 70 beats a minute: after 10 minutes 700 mL of extra blood would lie in the lungs."}
  ]$cited$,
  5, $comment$The little calculation made it click. Thank you!$comment$
),
(
  2, 'student2@lyceum.test', 'cardiovascular-system',
  $question$Could you check my exam calculation: oxygen consumption 240 mL/min, haemoglobin 120 g/L, arterial saturation 98%, mixed venous saturation 65%. What is the cardiac output?$question$,
  $answer$Use the Fick principle: flow is uptake divided by the arteriovenous difference [1]. Each gram of haemoglobin binds about 1.34 mL of oxygen [2], and the small amount that is merely dissolved may be left out here.

Arterial content: 120 x 1.34 x 0.98 = 157.6 mL/L.
Mixed venous content: 120 x 1.34 x 0.65 = 104.5 mL/L.
Difference: 53.1 mL/L.
Cardiac output: 240 / 53.1 = 4.5 L/min.

Two comments for the examiner. First, the flow looks normal, but the patient is anaemic, so each litre carries less than the usual 200 mL. To keep up the supply the tissues take out more, and the venous saturation of 65% lies below the usual figure of about 75% [3]. Second, watch the units: with content in mL per 100 mL you must multiply by ten, which is where most mistakes happen.$answer$,
  $cited$[
    {"page": 10, "heading": "The Fick principle", "quote": "Applied to oxygen and the whole body, cardiac output equals oxygen consumption divided by the difference between arterial and mixed venous oxygen content."},
    {"page": 10, "heading": "The Fick principle", "quote": "Arterial content follows from haemoglobin: 150 g/L times 1.34 mL/g is about 200 mL/L when saturation is close to 100%."},
    {"page": 10, "heading": "Clinical note: mixed venous saturation", "quote": "Mixed venous blood, sampled from the pulmonary artery, is normally about 75% saturated."}
  ]$cited$,
  5, $comment$Every step shown, and the remark on units is exactly what I got wrong.$comment$
),
(
  3, 'student@lyceum.test', 'cardiovascular-system',
  $question$Why does myocardial ischaemia begin under the endocardium, and why does a fast heart rate make angina worse?$question$,
  $answer$Both answers come from the timing of coronary flow. While the left ventricle contracts it squeezes its own vessels shut, so it is fed mostly in diastole [1]. The compression is greatest beside the cavity and least at the outer surface; the inner layer therefore lives with the smallest reserve and is the first to run short [2].

Now speed up the heart. Each minute contains more contractions, so demand goes up, yet the pause between them, when blood can get in, shrinks more than systole does [3]. Demand and supply move apart.

Other organs could simply pull more oxygen out of each litre. The heart cannot, because it already removes 70 to 75% at rest [4]. Only more flow helps, and a narrowed artery does not allow it. That is the reason why a beta blocker, which slows the heart, relieves angina: it lowers demand and lengthens diastole at the same time.$answer$,
  $cited$[
    {"page": 11, "heading": "Flow in diastole", "quote": "Contracting muscle squeezes the vessels inside it, so that the left ventricle receives most of its coronary flow during diastole."},
    {"page": 11, "heading": "Flow in diastole", "quote": "The layer next to the cavity is squeezed hardest and suffers first when flow is short."},
    {"page": 5, "heading": "Timing", "quote": "When the heart speeds up, diastole shortens far more than systole does."},
    {"page": 11, "heading": "Arteries and flow", "quote": "The heart extracts 70 to 75% of the oxygen from coronary blood at rest, whereas the body as a whole extracts about 25%."}
  ]$cited$,
  4, $comment$Very clear. I would have liked a sketch of the pressure curves.$comment$
),
(
  4, 'student2@lyceum.test', 'cardiovascular-system',
  $question$How do I tell a third heart sound from a fourth one at the bedside, and why is there never a fourth sound in atrial fibrillation?$question$,
  $answer$Listen for the side of the cycle on which the extra sound falls. A third sound comes shortly after the second, some 120 to 180 ms later, at the moment when fast early filling is brought to a halt [1]. A fourth sound comes just before the first, when the atrium pushes blood into a ventricle that does not yield [2]. Both are low-pitched, so use the bell, lightly, at the apex with the patient turned to the left.

What they tell you differs. In a child or a young adult a third sound may be innocent, but in an older person think of an overfilled or weak ventricle [3]. A fourth sound points to stiffness, for instance after years of high blood pressure.

In atrial fibrillation the atria quiver and do not contract as one. Without that push the cause of the fourth sound is gone [4]. If you believe you hear one in such a patient, look for a split first sound or check the rhythm again.$answer$,
  $cited$[
    {"page": 9, "heading": "The third and fourth sounds", "quote": "The third sound falls 120 to 180 ms after the second, when rapid filling is suddenly checked."},
    {"page": 9, "heading": "The third and fourth sounds", "quote": "The fourth sound precedes the first and is caused by atrial contraction against a stiff ventricle."},
    {"page": 9, "heading": "The third and fourth sounds", "quote": "It can be normal in children and young adults, but over the age of 40 it suggests volume overload or a failing ventricle."},
    {"page": 9, "heading": "The third and fourth sounds", "quote": "A fourth sound cannot occur in atrial fibrillation, because there is no coordinated atrial contraction."}
  ]$cited$,
  5, $comment$Helped me on the ward the same afternoon.$comment$
),
(
  5, 'student@lyceum.test', 'cardiovascular-system',
  $question$Why do I feel light-headed for a moment when I stand up quickly, and from what point on is the drop in pressure abnormal?$question$,
  $answer$When you rise, gravity shifts between half a litre and 800 mL of blood into the veins below the heart [1]. Less returns, so the next beats are smaller and the pressure in the neck arteries dips. Stretch receptors there and in the aortic arch notice and fire less; the brain stem then takes its foot off the vagal brake and drives the sympathetic nerves [2]. The vagal part works from one beat to the next, but vessels need several seconds to tighten [3]. Your light-headed moment is that gap.

A brief dip is normal. Doctors speak of postural hypotension when systolic pressure is down by at least 20 mmHg, or diastolic by at least 10 mmHg, within three minutes of standing [4].

The pulse gives a clue to the cause. If it climbs well, suspect too little volume; if it hardly moves, suspect the reflex itself. Repeated fainting needs a medical examination.$answer$,
  $cited$[
    {"page": 14, "heading": "Standing up, and resetting", "quote": "On standing, 500 to 800 mL of blood moves into the veins of the legs and the abdomen."},
    {"page": 14, "heading": "What happens when pressure falls", "quote": "When pressure falls, the receptors fire less, vagal activity to the heart drops and sympathetic activity rises."},
    {"page": 14, "heading": "What happens when pressure falls", "quote": "The vagal part acts within one beat; the sympathetic part needs several seconds."},
    {"page": 14, "heading": "Clinical note: postural hypotension", "quote": "Postural hypotension is a fall of at least 20 mmHg in systolic or 10 mmHg in diastolic pressure within 3 minutes of standing."}
  ]$cited$,
  4, $comment$Good explanation, easy to remember.$comment$
),
(
  6, 'student2@lyceum.test', 'renal-system',
  $question$The thick ascending limb can only hold a difference of 200 mOsm/kg. How can the medulla then reach 1,200?$question$,
  $answer$The trick is repetition. At any one level the pump in the ascending limb makes the surroundings about 200 mOsm/kg more concentrated than the fluid it leaves behind [1]. The descending limb beside it lets water out, so its content takes on the higher value and carries it down and round the bend. The pump at the next level then starts from fluid that is already concentrated and adds its 200 on top. Because the two streams run in opposite directions, the small step is multiplied along the length of the loop [2], until the tip of the papilla reaches about four times the osmolality of plasma.

Salt alone does not do it: nearly half of the value at the tip is urea that has been recycled from the collecting duct [3].

Finally, the gradient must not be washed away. Vessels that run down and up beside the loop trade solute with each other, which protects it as long as their flow is slow [4].$answer$,
  $cited$[
    {"page": 23, "heading": "Countercurrent multiplication", "quote": "At each level the ascending limb can hold a difference of about 200 mOsm/kg between its fluid and the interstitium."},
    {"page": 23, "heading": "Countercurrent multiplication", "quote": "Because the fluid flows in opposite directions in the two limbs, this small single effect is multiplied along the loop."},
    {"page": 23, "heading": "Countercurrent multiplication", "quote": "Nearly half of the osmolality at the tip is urea, which is recycled from the inner medullary collecting duct."},
    {"page": 23, "heading": "Countercurrent exchange in the vasa recta", "quote": "Blood therefore supplies the medulla without washing the gradient away, provided that its flow stays slow."}
  ]$cited$,
  5, $comment$Finally understood countercurrent multiplication after three lectures.$comment$
),
(
  7, 'student@lyceum.test', 'renal-system',
  $question$A frail 84-year-old woman has a creatinine of 85 µmol/L, within the normal range. Can her kidneys still be working poorly?$question$,
  $answer$Yes, and this is a common trap. Creatinine is made by muscle [1], so its level in blood reflects two things at once: how much is produced and how well it is filtered. A frail person with little muscle produces little, and a poor filter can then keep the level inside the normal limits. The wide range adds to the problem: such a person may have lost half of her filtration before the figure looks wrong [2].

Remember the rule for one and the same patient in a steady state: each halving of filtration doubles creatinine [3]. Compare her with her own earlier results rather than with the printed range.

In practice calculate the estimated rate, which takes age and sex into account, look for albumin in the urine, and measure cystatin C if doubt remains, because muscle matters less for it [4]. Do this before you prescribe any drug that is dosed by kidney function.$answer$,
  $cited$[
    {"page": 20, "heading": "Creatinine", "quote": "Creatinine comes from muscle at a steady rate and is filtered freely."},
    {"page": 20, "heading": "Creatinine", "quote": "Because the normal range is wide, someone with small muscles may lose half of the filtration rate while creatinine still looks normal."},
    {"page": 20, "heading": "Creatinine", "quote": "In a steady state plasma creatinine is inversely proportional to the filtration rate: when the filtration rate halves, creatinine doubles."},
    {"page": 20, "heading": "Clinical note: traps", "quote": "Cystatin C is less dependent on muscle mass and helps when creatinine is doubtful."}
  ]$cited$,
  5, $comment$Exactly what our tutor asked the next day.$comment$
),
(
  8, 'student2@lyceum.test', 'renal-system',
  $question$A patient's creatinine rose from 90 to 110 µmol/L two weeks after starting ramipril. Is the drug damaging the kidney?$question$,
  $answer$Probably not. The rise is 22%, and up to 30% is accepted after starting an ACE inhibitor, provided that the value then settles [1].

The mechanism explains why. Angiotensin II holds the outflow vessel of the glomerulus tight; remove it and that vessel relaxes. Plasma flow goes up, but the pressure that drives filtration goes down, and so the filtration rate falls a little [2]. Lower pressure in the glomerulus is what protects the kidney in the long run, and protein loss diminishes.

Three checks are still needed. Repeat creatinine to see that it is stable. Measure potassium, which should be done one to two weeks after the start [3]. And look for reasons why this kidney might depend on angiotensin: dehydration, an anti-inflammatory painkiller, or narrowing of both renal arteries, where the fall can be sharp [4]. If creatinine climbs beyond 30%, stop the drug and investigate.$answer$,
  $cited$[
    {"page": 26, "heading": "Clinical note: blocking the system", "quote": "Creatinine may rise by up to 30% after the start, which is acceptable when it then stays stable; a larger rise suggests narrowed renal arteries or lack of volume."},
    {"page": 19, "heading": "Two arterioles, four effects", "quote": "Constriction of the efferent arteriole lowers renal plasma flow but raises glomerular pressure, so that the filtration rate is maintained or rises a little and the filtration fraction rises."},
    {"page": 26, "heading": "Clinical note: blocking the system", "quote": "Potassium must be checked 1 to 2 weeks after the start."},
    {"page": 19, "heading": "Clinical note: when the rate falls", "quote": "In narrowing of both renal arteries the filtration rate depends on efferent tone, and an ACE inhibitor may cause a sharp fall."}
  ]$cited$,
  4, $comment$Balanced answer with clear limits.$comment$
),
(
  9, 'student@lyceum.test', 'renal-system',
  $question$Why does furosemide lower potassium while spironolactone raises it? Both make me lose salt.$question$,
  $answer$What counts is whether the drug acts before or at the place where potassium is secreted. That place is the principal cell of the collecting duct. There sodium enters through ENaC, the lumen becomes negative, and potassium is drawn out through its own channel [1].

Furosemide acts upstream, in the loop. The salt it leaves behind arrives at the principal cells as a larger and faster stream, and the loss of volume switches on aldosterone; both increase the secretion of potassium [2].

Spironolactone works on the principal cell itself. It occupies the receptor for aldosterone [3], so fewer sodium channels are open, the lumen is less negative, and potassium stays in the body [4].

For this reason the two are often combined in heart failure. Take care, though, when an ACE inhibitor is given as well: it lowers aldosterone too, and potassium may then climb to a dangerous level.$answer$,
  $cited$[
    {"page": 24, "heading": "Principal cells", "quote": "Sodium entry makes the lumen negative and thereby drives potassium out of the cell through ROMK."},
    {"page": 28, "heading": "Why diuretics lower potassium", "quote": "Loop and thiazide diuretics bring more sodium and a faster flow to the collecting duct and activate aldosterone, so that more potassium is secreted."},
    {"page": 29, "heading": "Strong, moderate and weak", "quote": "Amiloride blocks ENaC and spironolactone blocks the mineralocorticoid receptor; both reach only 2 to 3% but save potassium."},
    {"page": 28, "heading": "Why diuretics lower potassium", "quote": "Amiloride and spironolactone act on the collecting duct itself and save potassium."}
  ]$cited$,
  5, $comment$Short, logical, and I can now derive it myself.$comment$
),
(
  10, 'student2@lyceum.test', 'renal-system',
  $question$Why does glucose appear in the urine only above about 10 mmol/L, and why does an SGLT2 inhibitor lower the eGFR at first if it is meant to protect the kidney?$question$,
  $answer$Glucose is filtered freely and recovered by carriers, about nine tenths of it by SGLT2 and the remainder by SGLT1 [1]. Carriers are limited in number. As long as the filtered load stays below their capacity the urine is free of sugar; above roughly 10 mmol/L in plasma some of them are saturated and glucose spills over [2].

SGLT2 moves sodium together with glucose. In diabetes it is overworked, so less salt gets as far as the macula densa. The kidney misreads this as underfiltration and opens the afferent arteriole, which makes the glomerulus filter too much [3].

Block SGLT2 and the salt signal returns, the arteriole tightens again and the pressure in the glomerulus falls. The measured rate dips by a few millilitres a minute, but the later decline slows down [4]. The early dip is therefore a sign that the strain has been taken off, not of damage.$answer$,
  $cited$[
    {"page": 22, "heading": "Glucose and its limit", "quote": "The cotransporter SGLT2 in the first part of the proximal tubule reabsorbs about 90% of the glucose, and SGLT1 further on takes the rest."},
    {"page": 22, "heading": "Glucose and its limit", "quote": "Glucose appears in the urine when plasma glucose exceeds about 10 mmol/L, the renal threshold."},
    {"page": 21, "heading": "Clinical note: SGLT2 inhibitors", "quote": "In diabetes the proximal tubule takes up more glucose together with sodium, less salt reaches the macula densa, the afferent arteriole widens and the glomerulus hyperfiltrates."},
    {"page": 21, "heading": "Clinical note: SGLT2 inhibitors", "quote": "The estimated filtration rate drops by 3 to 5 mL/min/1.73 m² in the first weeks, and its later decline becomes slower."}
  ]$cited$,
  3, $comment$Correct and helpful, but it took longer to arrive than I expected.$comment$
)
on conflict (n) do nothing;

-- A quote that its page does not hold would be a false citation: stop rather than deliver one.
do $$
declare
  v_false text;
begin
  select string_agg(format('question %s, page %s: %s', s.n, c.item ->> 'page', c.item ->> 'quote'), E'\n')
  into v_false
  from seed_delivered s
  cross join jsonb_array_elements(s.cited) as c (item)
  where not exists (
    select from core.search_documents d
    where d.module = 'study' and d.kind = 'passage'
      and d.locator @> jsonb_build_object(
        'pack', 'heart-and-kidney', 'page', c.item -> 'page', 'heading', c.item -> 'heading'
      )
      and strpos(d.body, c.item ->> 'quote') > 0
  );
  if v_false is not null then
    raise exception 'delivered questions cite what is not there: %', v_false;
  end if;
end;
$$;

-- Each question takes the real path: submitted by its client, answered with a draft made of the cited sentences,
-- checked, assigned, corrected and approved by whoever is assigned, delivered and rated. Again is harmless.
do $$
declare
  v_row record;
  v_client_id uuid;
  v_expert_id uuid;
  v_question_id uuid;
  v_citations jsonb;
  v_draft text;
  v_sheet jsonb;
begin
  for v_row in select * from seed_delivered s order by s.n loop
    select u.id into strict v_client_id from auth.users u where u.email = v_row.client_email;
    continue when exists (
      select from qa.questions q join qa.clients c on c.id = q.client_id
      where c.user_id = v_client_id and q.idempotency_key = 'seed-question-' || v_row.n
    );

    perform set_config('request.jwt.claims', '', true);
    perform private.qa_grant_credits(v_client_id, 1, 'Seed', 'seed-' || v_row.n);

    -- The client asks.
    perform set_config('request.jwt.claims', jsonb_build_object('sub', v_client_id, 'role', 'authenticated')::text, true);
    select id into v_question_id from private.qa_submit_question(
      v_row.question, 'seed-question-' || v_row.n, v_row.topic_slug, 'normal', null, true, null
    );

    -- The stages, without a worker: this session owns the database.
    perform set_config('request.jwt.claims', '', true);
    select
      jsonb_agg(jsonb_build_object('document_id', d.id, 'title', d.title, 'quote', c.item ->> 'quote', 'locator', d.locator) order by c.n),
      string_agg((c.item ->> 'quote') || ' [' || c.n || ']', ' ' order by c.n)
    into v_citations, v_draft
    from jsonb_array_elements(v_row.cited) with ordinality as c (item, n)
    join core.search_documents d
      on d.module = 'study' and d.kind = 'passage'
      and d.locator @> jsonb_build_object('pack', 'heart-and-kidney', 'page', c.item -> 'page', 'heading', c.item -> 'heading')
      and strpos(d.body, c.item ->> 'quote') > 0;
    perform private.qa_begin_generation(v_question_id, null, null);
    perform private.qa_record_generated_answer(
      v_question_id, null, null, v_draft, v_citations, 'local', 'local-extractive-1', 0.6, true
    );
    perform private.qa_record_humanized_answer(
      v_question_id, null, null,
      (private.qa_begin_humanization(v_question_id, null, null) ->> 'version_id')::uuid,
      'local/local-extractive-1', 'skipped', null, 0, 0, null
    );
    perform private.qa_check_originality(v_question_id, null, null);
    v_expert_id := (private.qa_assign_expert(v_question_id, null, null) ->> 'expert_id')::uuid;

    -- The expert corrects and approves.
    perform set_config('request.jwt.claims', jsonb_build_object('sub', v_expert_id, 'role', 'authenticated')::text, true);
    v_sheet := private.qa_claim_review(v_question_id);
    perform private.qa_complete_review(
      (v_sheet ->> 'review_id')::uuid, (v_sheet ->> 'lease_token')::bigint, 'approved', v_row.answer, null, null
    );

    perform set_config('request.jwt.claims', '', true);
    perform private.qa_deliver_answer(v_question_id, null, null);
    -- The stages are done: what they enqueued for workers is not needed.
    perform ops.cancel_jobs_for(v_question_id);

    -- The client rates.
    perform set_config('request.jwt.claims', jsonb_build_object('sub', v_client_id, 'role', 'authenticated')::text, true);
    perform private.qa_rate_answer(v_question_id, v_row.score, null, null, null, v_row.comment, null, null);
    perform set_config('request.jwt.claims', '', true);
  end loop;
end;
$$;

drop table seed_delivered;
