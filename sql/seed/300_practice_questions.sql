-- Twenty-four questions to practise with, on the heart and the kidney: written for this project, checked and published by the
-- demo experts. Through the function by which every version is written. Running the file again changes nothing.

create temp table if not exists seed_practice (
  n integer primary key,
  topic_slug text not null,
  difficulty text not null,
  vignette text not null,
  options text[] not null, -- text, then why it is right or wrong; the right ones first
  right_count integer not null,
  explanation text not null,
  relevance text not null
);

insert into seed_practice (n, topic_slug, difficulty, vignette, options, right_count, explanation, relevance) values
(
  1, 'cardiovascular-system', 'easy',
  'Which chamber of the heart has the thickest wall?',
  array[
    'The left ventricle', 'It works against the pressure of the whole body.',
    'The right ventricle', 'It pumps into the lungs, at about a fifth of the pressure.',
    'The left atrium', 'It only tops up the ventricle beneath it.',
    'The right atrium', 'It receives blood at almost no pressure.'
  ], 1,
  'Muscle grows with the pressure that it has to make. The left ventricle makes some 120 mmHg, the right one some 25 mmHg.',
  'A wall that thickens further is an early sign of long-standing high blood pressure.'
),
(
  2, 'cardiovascular-system', 'easy',
  'What does the first heart sound mark?',
  array[
    'The closure of the mitral and tricuspid valves', 'They shut when the pressure in the ventricles passes that of the atria.',
    'The closure of the aortic and pulmonary valves', 'That is the second sound, at the end of ejection.',
    'The opening of the aortic valve', 'Healthy valves open without a sound.',
    'The contraction of the atria', 'It comes before the first sound, and is silent in health.'
  ], 1,
  'The first sound begins systole, the second ends it.',
  'Timing a murmur means placing it between these two sounds.'
),
(
  3, 'cardiovascular-system', 'medium',
  'A heart beats 70 times a minute and ejects 70 mL with each beat. What is its output?',
  array[
    'About 4.9 L a minute', '70 beats times 70 mL are 4,900 mL.',
    'About 1 L a minute', 'That would not keep the brain alive.',
    'About 7 L a minute', 'That would take 100 mL a beat.',
    'About 9.8 L a minute', 'That is twice as much: a brisk walk.'
  ], 1,
  'Cardiac output is the rate times the stroke volume.',
  ''
),
(
  4, 'cardiovascular-system', 'medium',
  'More blood returns to the heart, and the next beat ejects more, without any nerve. Which law is this?',
  array[
    'Starlings law of the heart', 'A fibre that is stretched more contracts more forcefully.',
    'Laplaces law', 'It relates the tension of a wall to pressure and radius.',
    'Poiseuilles law', 'It relates flow to the radius of a tube.',
    'Ohms law', 'Its analogue relates flow, pressure and resistance.'
  ], 1,
  'A larger filling brings the filaments to an overlap at which they are more sensitive to calcium.',
  'It keeps the outputs of both ventricles equal.'
),
(
  5, 'cardiovascular-system', 'medium',
  'Where in the heart is the electrical signal held up, so that the ventricles fill first?',
  array[
    'In the atrioventricular node', 'Its thin cells with few gap junctions conduct slowly.',
    'In the sinus node', 'It starts the signal.',
    'In the Purkinje fibres', 'They conduct faster than anything else in the heart.',
    'In the bundle of His', 'It conducts on quickly once the node has let the signal through.'
  ], 1,
  'The delay is about a tenth of a second: the interval from P to QRS in the electrocardiogram.',
  'A longer delay is a first-degree block.'
),
(
  6, 'cardiovascular-system', 'hard',
  'The radius of an arteriole halves. By what does its resistance grow, at an unchanged length and viscosity?',
  array[
    '16-fold', 'Resistance goes with the inverse fourth power of the radius.',
    '2-fold', 'That would be so for an inverse first power.',
    '4-fold', 'That is how the cross-section shrinks.',
    '8-fold', 'That would be the third power.'
  ], 1,
  'By Poiseuilles law a tubes resistance is proportional to 1 / r⁴. That is why arterioles, by small changes, set the blood pressure.',
  ''
),
(
  7, 'cardiovascular-system', 'hard',
  'During which phase does most of the blood flow through the left coronary artery?',
  array[
    'In diastole', 'The relaxed wall does not squeeze its own vessels.',
    'In ejection', 'The contracting muscle closes the small vessels within it.',
    'In isovolumetric contraction', 'The wall is as tight as in ejection.',
    'Evenly through the beat', 'That holds for the thin right ventricle, nearly.'
  ], 1,
  'A faster heart shortens diastole most, and with it the time in which its own muscle is fed.',
  'It is why a racing heart may bring angina.'
),
(
  8, 'cardiovascular-system', 'nbme',
  'A 67-year-old wakes at night short of breath and sits up to breathe. He has swollen ankles and crackles over both lungs. Which change explains the crackles most directly?',
  array[
    'A raised hydrostatic pressure in the pulmonary capillaries', 'The failing left ventricle dams blood back into the lungs, and fluid is pressed out.',
    'A low oncotic pressure of the plasma', 'It would swell the ankles, and seldom fills the lungs first.',
    'A leak of the pulmonary capillaries', 'That is the picture of lung injury, at a normal pressure.',
    'A blocked lymph drainage of the lungs', 'Rare, and it develops slowly.'
  ], 1,
  'Lying flat brings blood from the legs to the lungs; sitting up takes it away.',
  'Orthopnoea and night-time breathlessness point to the left side of the heart.'
),
(
  9, 'cardiovascular-system', 'nbme',
  'A blood pressure of 120/80 mmHg is measured at a resting rate. What is the mean arterial pressure, as commonly estimated?',
  array[
    'About 93 mmHg', 'Diastolic pressure plus a third of the difference: 80 + 40 / 3.',
    '100 mmHg', 'That is the middle of both, but diastole lasts longer than systole.',
    '107 mmHg', 'That gives systole two thirds of the time.',
    '80 mmHg', 'That leaves systole out.'
  ], 1,
  'At rest some two thirds of a beat are diastole.',
  ''
),
(
  10, 'cardiovascular-system', 'medium',
  'Which of these raise the blood pressure within seconds when one stands up? Choose all that do.',
  array[
    'A faster heart', 'The baroreflex speeds the sinus node.',
    'Narrower arterioles', 'The baroreflex narrows them by sympathetic nerves.',
    'More red blood cells', 'They take days.',
    'Less urine', 'The kidney works over hours and days.'
  ], 2,
  'Pressure sensors in the carotid sinus and the aortic arch answer a fall with less inhibition of the sympathetic nerves.',
  'Drugs that block this reflex make people faint on standing.'
),
(
  11, 'cardiovascular-system', 'easy',
  'Which vessels hold most of the blood at rest?',
  array[
    'The veins', 'Some two thirds of it, at a low pressure: a store.',
    'The arteries', 'About an eighth.',
    'The capillaries', 'About a twentieth, though their surface is the largest.',
    'The arterioles', 'Very little: they are valves rather than stores.'
  ], 1,
  'Veins are thin-walled and widen easily.',
  ''
),
(
  12, 'cardiovascular-system', 'hard',
  'In which segment of the ventricular action potential do calcium channels keep the membrane depolarised?',
  array[
    'The plateau (phase 2)', 'The inward calcium balances the outward potassium.',
    'The upstroke (phase 0)', 'That is sodium.',
    'The final repolarisation (phase 3)', 'That is potassium flowing out.',
    'The rest (phase 4)', 'The membrane of a working fibre is then held by potassium.'
  ], 1,
  'The plateau makes the refractory period as long as the contraction, so that the heart cannot cramp.',
  ''
),
(
  13, 'renal-system', 'easy',
  'Where is the blood filtered in the kidney?',
  array[
    'In the glomerulus', 'A tuft of capillaries between two arterioles.',
    'In the loop of Henle', 'It builds the salty medulla.',
    'In the collecting duct', 'It decides how much water is kept.',
    'In the ureter', 'It only carries urine.'
  ], 1,
  'About a fifth of the plasma that reaches the glomerulus is filtered.',
  ''
),
(
  14, 'renal-system', 'easy',
  'About how much filtrate do both kidneys of a healthy adult make in a day?',
  array[
    '180 L', '125 mL a minute, through the day.',
    '1.5 L', 'That is the urine.',
    '18 L', 'A tenth of it.',
    '5 L', 'That is what the heart pumps in a minute.'
  ], 1,
  'More than 99 % of it is taken back.',
  ''
),
(
  15, 'renal-system', 'medium',
  'Which part of the tubule takes back about two thirds of the filtered salt and water?',
  array[
    'The proximal tubule', 'Its brush border and its many mitochondria are made for bulk.',
    'The thick ascending limb', 'About a quarter of the salt, and no water.',
    'The distal tubule', 'A few per cent.',
    'The collecting duct', 'The last few per cent, under hormones.'
  ], 1,
  'Water follows salt there, so that the fluid stays as concentrated as plasma.',
  ''
),
(
  16, 'renal-system', 'medium',
  'What does antidiuretic hormone do to the collecting duct?',
  array[
    'It brings water channels into the membrane towards the lumen', 'Aquaporin 2 moves there from vesicles.',
    'It pumps water actively', 'No cell pumps water: it follows the salt of the medulla.',
    'It blocks the uptake of sodium', 'That is what amiloride does.',
    'It widens the afferent arteriole', 'That would raise filtration.'
  ], 1,
  'With the hormone the urine may reach four times the concentration of plasma; without it some 15 L a day are lost.',
  'Its lack is diabetes insipidus.'
),
(
  17, 'renal-system', 'medium',
  'Which hormone makes the distal nephron keep sodium and lose potassium?',
  array[
    'Aldosterone', 'It makes more sodium channels and pumps in principal cells.',
    'Antidiuretic hormone', 'It keeps water.',
    'Atrial natriuretic peptide', 'It makes the kidney lose sodium.',
    'Parathyroid hormone', 'It is about calcium and phosphate.'
  ], 1,
  'Angiotensin II and a high plasma potassium release it from the adrenal cortex.',
  'Too much of it: high blood pressure with a low potassium.'
),
(
  18, 'renal-system', 'hard',
  'The afferent arteriole narrows. What happens to renal plasma flow and to filtration?',
  array[
    'Both fall', 'Less blood enters, at a lower pressure.',
    'Flow falls, filtration rises', 'That is what a moderately narrow efferent arteriole does.',
    'Both rise', 'That is what a wider afferent arteriole does.',
    'Flow rises, filtration falls', 'That is what a wider efferent arteriole does.'
  ], 1,
  'Resistance before the glomerulus lowers its pressure; resistance behind it raises it.',
  'Anti-inflammatory drugs take away the prostaglandins that keep the afferent arteriole open.'
),
(
  19, 'renal-system', 'hard',
  'A substance is filtered freely, and neither taken back nor secreted. What does its clearance measure?',
  array[
    'The glomerular filtration rate', 'All that is excreted was filtered: C = U × V / P.',
    'The renal plasma flow', 'That takes a substance that is cleared entirely in one passage.',
    'The volume of urine', 'It is only one factor of the formula.',
    'The plasma volume', 'That is measured by dilution.'
  ], 1,
  'Inulin is such a substance. Creatinine is near to it, and a little is secreted.',
  ''
),
(
  20, 'renal-system', 'nbme',
  'A patient with vomiting for three days has a blood pressure of 95/60 mmHg, a creatinine twice his usual, and a fractional excretion of sodium of 0.4 %. What is the most likely cause?',
  array[
    'Too little blood reaches the kidneys', 'The tubules work, and keep every bit of sodium.',
    'Dead tubular cells', 'They could not keep sodium: more than 2 % would be lost.',
    'A blocked ureter', 'One blocked side seldom doubles the creatinine, and vomiting explains enough.',
    'Inflamed glomeruli', 'Blood and protein in the urine would be expected.'
  ], 1,
  'A kidney that is short of blood and otherwise healthy holds on to sodium.',
  'Fluid is the treatment, before cells die.'
),
(
  21, 'renal-system', 'nbme',
  'Which disorder comes from vomiting stomach acid for days?',
  array[
    'Metabolic alkalosis', 'Acid is lost, and bicarbonate stays behind.',
    'Metabolic acidosis', 'That follows diarrhoea, by the loss of bicarbonate.',
    'Respiratory alkalosis', 'That comes from breathing too much.',
    'Respiratory acidosis', 'That comes from breathing too little, and may be the answer of the lungs.'
  ], 1,
  'The lack of chloride and volume keeps the kidney from getting rid of the bicarbonate.',
  ''
),
(
  22, 'renal-system', 'medium',
  'Which of these may pass the healthy filtration barrier freely? Choose all that may.',
  array[
    'Glucose', 'It is small, and all of it is taken back.',
    'Urea', 'It is small; about half of it is taken back.',
    'Albumin', 'It is too large, and its charge is repelled.',
    'Red blood cells', 'They do not leave the capillary.'
  ], 2,
  'The barrier holds back by size and by charge; the limit is near the size of albumin.',
  'Albumin in the urine is an early sign of damage.'
),
(
  23, 'renal-system', 'hard',
  'Which segment dilutes the tubular fluid by taking up salt without water, and so makes the medulla salty?',
  array[
    'The thick ascending limb', 'Its Na-K-2Cl transporter works in a wall that water cannot pass.',
    'The thin descending limb', 'Water leaves there.',
    'The proximal tubule', 'Water follows the salt there.',
    'The inner collecting duct', 'Urea and water leave there.'
  ], 1,
  'It is the engine of the countercurrent multiplier.',
  'Loop diuretics stop it, and with it both dilution and concentration.'
),
(
  24, 'renal-system', 'easy',
  'Which hormone of the kidney makes the bone marrow produce red blood cells?',
  array[
    'Erythropoietin', 'Cells of the cortex release it when oxygen is short.',
    'Renin', 'It is an enzyme, and begins the way to angiotensin.',
    'Calcitriol', 'It is about calcium.',
    'Thrombopoietin', 'It is made by the liver, for platelets.'
  ], 1,
  'Chronic kidney disease brings anaemia, as the hormone is missing.',
  ''
)
on conflict do nothing;

do $$
declare
  v_seed seed_practice;
  v_question study.questions;
  v_author constant uuid := '5eed0000-0000-4000-8000-000000000003';
  v_checker constant uuid := '5eed0000-0000-4000-8000-000000000004';
begin
  for v_seed in select * from seed_practice order by n loop
    insert into study.questions (
      id, author_id, topic_id, difficulty, visibility, status, quality_score, is_verified, verified_by, verified_at
    ) values (
      -- The same in every database.
      md5('lyceum:practice:' || v_seed.n)::uuid, v_author, private.topic_by_slug(v_seed.topic_slug), v_seed.difficulty,
      'authenticated', 'published', 1, true, v_checker, now()
    )
    on conflict do nothing
    returning * into v_question;
    continue when not found;
    perform private.study_write_version(v_question, 1, jsonb_build_object(
      'question_type', case when v_seed.right_count > 1 then 'multiple_choice' else 'single_choice' end,
      'vignette', v_seed.vignette,
      'options', (
        select jsonb_agg(jsonb_build_object('text', o.text, 'is_correct', o.place < v_seed.right_count, 'rationale', o.why)
          order by (o.place + v_seed.n) % o.options, o.place)
        from (
          select v_seed.options[2 * p.place + 1] as text, v_seed.options[2 * p.place + 2] as why, p.place,
            cardinality(v_seed.options) / 2 as options
          from generate_series(0, cardinality(v_seed.options) / 2 - 1) as p (place)
        ) as o
      ),
      'explanation', jsonb_build_object(
        'correct_explanation', v_seed.explanation, 'clinical_relevance', v_seed.relevance,
        'references', jsonb_build_array('How the heart pumps and how the kidney filters')
      )
    ), v_author, null, null);
    insert into study.question_decisions (question_id, version_no, decision, reason, decided_by)
    values (v_question.id, 1, 'published', 'Demo content.', v_checker);
  end loop;
end;
$$;

drop table seed_practice;
