-- The study pack "How the heart pumps and how the kidney filters": 30 pages written for this project (see README.md).
-- Each page is one call: a summary, then sections under "## " headings. Each becomes one passage of the search index,
-- readable by every signed-in person, found by core.search and cited by the answers of the qa module.
-- Needs the topics of the seed before it. Running the file again changes nothing.

create or replace function pg_temp.study_page(p_page integer, p_title text, p_topic_slug text, p_markdown text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
  -- Derived from the number: the same page has the same id in every database, so citations can be compared.
  v_page_id constant uuid := md5('lyceum:page:' || p_page)::uuid;
  v_topic_id constant uuid := private.topic_by_slug(p_topic_slug);
  v_chunk_no integer;
  v_heading text;
  v_body text;
begin
  if v_topic_id is null then
    raise exception 'study pack, page %: there is no topic "%"', p_page, p_topic_slug;
  end if;
  for v_chunk_no, v_heading, v_body in
    select s.n - 1, case when s.n = 1 then 'Summary' else split_part(s.section, E'\n', 1) end,
      case when s.n = 1 then s.section else substr(s.section, strpos(s.section, E'\n')) end
    from regexp_split_to_table(p_markdown, '\n## ') with ordinality as s (section, n)
  loop
    -- Lines are wrapped in this file only; a passage has one line per paragraph, so a quote never breaks.
    v_body := regexp_replace(btrim(v_body, E' \n'), '([^\n])\n(?!\n)', '\1 ', 'g');
    perform private.index_document(
      'study', 'passage', v_page_id, p_title || ' — ' || v_heading, v_body, v_topic_id,
      jsonb_build_object('pack', 'heart-and-kidney', 'page', p_page, 'heading', v_heading),
      'authenticated', null, v_chunk_no
    );
  end loop;
  -- A page that has become shorter leaves no passage behind.
  delete from core.search_documents d
  where d.module = 'study' and d.kind = 'passage' and d.entity_id = v_page_id and d.chunk_no > v_chunk_no;
end;
$$;

select pg_temp.study_page(1, 'The heart: two pumps in series', 'cardiovascular-system', $md$
The heart is two muscular pumps joined back to back, and the same volume passes through each of them
every minute.

## Chambers and walls

An adult heart weighs about 300 g and beats roughly 100,000 times a day. The right atrium and right
ventricle receive blood from the body and push it through the lungs; the left atrium and left
ventricle receive it from the lungs and push it through the body. The left ventricular wall is 8 to
12 mm thick, while the right ventricular wall is only 3 to 5 mm thick, because the two sides work
against very different pressures. At rest the right ventricle reaches about 25 mmHg in systole and
the left ventricle about 120 mmHg. The two ventricles nevertheless eject the same amount, since they
are connected one after the other and blood cannot pile up for long on either side.

## Four valves keep flow one-way

The tricuspid and mitral valves lie between the atria and the ventricles, and the pulmonary and
aortic valves lie at the two exits. Valves have no muscle that opens or closes them: each moves only
because the pressure on one side exceeds the pressure on the other. Papillary muscles and tendinous
cords do not close the mitral and tricuspid valves; they stop the leaflets from turning inside out
during systole. A normal aortic valve opens to 3 to 4 cm² and a normal mitral valve to 4 to 6 cm².

## The pericardium

A double sac surrounds the heart and normally contains 15 to 50 mL of lubricating fluid. Its outer
fibrous layer hardly stretches within minutes, although it can grow over weeks.

## Clinical note: cardiac tamponade

Cardiac tamponade is compression of the heart by fluid in the pericardial sac. As little as 150 to
200 mL that collects quickly can stop the ventricles from filling, whereas more than 1 L may be
tolerated if it gathers slowly. The classic picture is low blood pressure, distended neck veins and
quiet heart sounds, and draining the fluid relieves it at once.
$md$);

select pg_temp.study_page(2, 'The conduction system', 'cardiovascular-system', $md$
The sinoatrial node sets the beat, the atrioventricular node delays it, and the Purkinje network
delivers it almost at once to the whole of both ventricles.

## From the sinoatrial node to the Purkinje fibres

Each normal beat begins in the sinoatrial (SA) node, a strip of pacemaker cells where the superior
vena cava meets the right atrium. The impulse spreads through atrial muscle at about 1 m/s and
reaches the atrioventricular (AV) node low in the septal wall of the right atrium. From there the
bundle of His passes through the fibrous skeleton, divides into a right and a left bundle branch,
and ends in the Purkinje fibres beneath the endocardium. Purkinje fibres conduct at 2 to 4 m/s, the
fastest speed anywhere in the heart, so that the ventricular walls contract nearly together.

## Why the atrioventricular node is slow

The atrioventricular node conducts at only about 0.05 m/s and holds the impulse back for roughly 0.1
s. This delay lets the atria finish emptying before the ventricles start to contract. It also
protects the ventricles, because the node cannot pass on the several hundred impulses a minute that
a fibrillating atrium produces. The fibrous ring between atria and ventricles is an electrical
insulator, so the node and the bundle of His are normally the only way through.

## A hierarchy of pacemakers

The sinoatrial node fires 60 to 100 times a minute, the atrioventricular junction 40 to 60 times,
and the Purkinje system 20 to 40 times. The fastest pacemaker wins because it discharges the slower
ones before they are ready to fire. At rest the vagus nerve holds the sinoatrial node below its own
rate of about 100 beats a minute, and sympathetic nerves raise the rate during exercise and fear.

## Clinical note: complete heart block

In complete atrioventricular block no atrial impulse reaches the ventricles, which then beat to
their own slow escape rhythm. A rate below 40 a minute often causes dizziness, breathlessness or
fainting, and the lasting treatment is an implanted pacemaker.
$md$);

select pg_temp.study_page(3, 'Cardiac action potentials', 'cardiovascular-system', $md$
Working muscle and pacemaker cells fire different action potentials: one has a fast sodium upstroke
and a long calcium plateau, the other drifts to threshold by itself.

## The ventricular action potential

A resting ventricular cell sits at about -90 mV, close to the equilibrium potential of potassium. In
phase 0 fast sodium channels open and the membrane shoots to about +20 mV within a millisecond or
two. Phase 1 is a short dip as sodium channels inactivate and a transient outward potassium current
flows. In phase 2, the plateau, calcium entering through L-type channels balances potassium leaving,
and the cell stays depolarised for 200 to 300 ms. In phase 3 the calcium channels close, potassium
currents dominate and the cell repolarises; phase 4 is the rest until the next beat.

## The pacemaker potential

Cells of the sinoatrial node have no stable resting potential. After each beat they reach about -60
mV and then drift upwards to a threshold near -40 mV. The drift is started by the funny current, a
mainly sodium inward current through HCN channels that open when the membrane becomes negative, and
calcium currents complete it. The upstroke of a nodal cell is carried by calcium rather than sodium,
which is why it is slow. Noradrenaline steepens the drift and speeds the heart; acetylcholine
flattens it and opens potassium channels, which slows the heart.

## Why the heart cannot be tetanised

The effective refractory period of ventricular muscle lasts about 250 ms, almost as long as the
contraction itself. A second stimulus therefore cannot fuse with the first, and the ventricle always
has time to relax and fill.

## Clinical note: drugs and long QT

Antiarrhythmic drugs are grouped by what they block: sodium channels (class I), beta receptors
(class II), potassium channels (class III) and calcium channels (class IV). Drugs or gene variants
that weaken the repolarising potassium currents prolong the QT interval and can provoke torsades de
pointes, a dangerous ventricular tachycardia. Ivabradine slows the sinus rate by blocking the funny
current.
$md$);

select pg_temp.study_page(4, 'Excitation-contraction coupling', 'cardiovascular-system', $md$
A small entry of calcium releases a much larger store, and the rise and fall of cytosolic calcium is
what makes heart muscle contract and relax.

## Calcium releases calcium

The action potential runs down the T-tubules, where L-type calcium channels face the ryanodine
receptors of the sarcoplasmic reticulum. The calcium that enters through the L-type channels opens
the ryanodine receptors, a process called calcium-induced calcium release. Cytosolic calcium rises
from about 0.1 µmol/L in diastole to about 1 µmol/L in systole. Unlike skeletal muscle, heart muscle
cannot contract for long without calcium from outside the cell.

## From calcium to force

Calcium binds to troponin C, tropomyosin moves aside, and myosin heads attach to actin and pull.
Each cross-bridge cycle costs one molecule of ATP, and mitochondria fill about a third of the volume
of a cardiac cell to provide it. A normal beat does not saturate troponin, so that the force of
contraction can be raised or lowered by changing the amount of calcium released.

## Relaxation is active

Relaxation requires energy because calcium must be pumped away. In the human ventricle the pump
SERCA returns about 70% of the calcium to the sarcoplasmic reticulum, the sodium-calcium exchanger
expels most of the rest, and slower pathways move a few per cent. Phospholamban holds SERCA back;
when beta-adrenergic stimulation phosphorylates phospholamban, SERCA speeds up, so that the heart
relaxes faster and stores more calcium for the next beat.

## Clinical note: how digoxin strengthens the beat

Digoxin inhibits the sodium-potassium pump of the heart cell. Sodium rises inside the cell, the
sodium-calcium exchanger expels less calcium, the store fills, and each beat releases more calcium.
The safety margin is narrow: an excess causes nausea, disturbed vision and almost any arrhythmia,
and a low plasma potassium makes toxicity more likely because potassium competes with digoxin for
the pump.
$md$);

select pg_temp.study_page(5, 'The cardiac cycle', 'cardiovascular-system', $md$
One beat is a sequence of filling, squeezing with closed valves, ejection and relaxing with closed
valves, and pressure differences alone decide which valve is open.

## Timing

At 75 beats a minute one cardiac cycle lasts 0.8 s, of which systole takes about 0.3 s and diastole
about 0.5 s. When the heart speeds up, diastole shortens far more than systole does. At rest the
left ventricle holds about 120 mL at the end of diastole and about 50 mL at the end of systole, so
that the stroke volume is about 70 mL.

## Systole

Isovolumetric contraction begins when the mitral valve closes and ends when the aortic valve opens,
and it lasts about 50 ms. During this phase both valves are shut, ventricular pressure climbs
steeply and volume does not change. The aortic valve opens when left ventricular pressure exceeds
the pressure in the aorta, normally about 80 mmHg. Ejection is rapid at first and slower later;
pressure peaks at about 120 mmHg.

## Diastole

The aortic valve closes when ventricular pressure falls below aortic pressure, and a small notch
called the incisura marks this moment on the aortic pressure curve. Isovolumetric relaxation then
lasts about 80 ms with both valves shut. The mitral valve opens when ventricular pressure drops
below atrial pressure, and most filling takes place in the first third of diastole. Atrial
contraction adds the last 10 to 20% of the filling volume at rest, and a larger share when the
ventricle is stiff or the rate is high.

## Clinical note: what a fast rhythm costs

In atrial fibrillation the coordinated atrial contraction is lost and the ventricular rhythm becomes
irregular. A healthy ventricle copes with the loss, but a thick, stiff ventricle that depends on the
atrial contribution may not, and sudden breathlessness can be the first sign. Slowing the
ventricular rate lengthens diastole and restores filling time.
$md$);

select pg_temp.study_page(6, 'The pressure-volume loop', 'cardiovascular-system', $md$
Plotting left ventricular pressure against volume turns each beat into a loop whose width is the
stroke volume and whose area is the work done on the blood.

## Reading the loop

The loop runs anticlockwise through four corners. The mitral valve closes at the bottom right, the
aortic valve opens at the top right, the aortic valve closes at the top left and the mitral valve
opens at the bottom left. The two vertical sides are the isovolumetric phases, because volume does
not change while all valves are shut. The width of the loop is the stroke volume: 120 mL minus 50 mL
gives 70 mL.

## Ejection fraction and stroke work

Ejection fraction (EF) is stroke volume divided by end-diastolic volume; 70 divided by 120 is 58%,
and the normal range is 55 to 70%. The area inside the loop is the stroke work. Ejecting 70 mL
against a mean pressure of 100 mmHg takes about 7,000 mmHg·mL, which is close to 0.9 J for each
beat.

## Two curves frame every loop

The end-systolic pressure-volume relation is the upper limit that the top left corner touches, and
its slope, the end-systolic elastance, is a measure of contractility that depends little on load.
The end-diastolic pressure-volume relation runs along the bottom; it is flat at small volumes and
steep at large ones, and its steepness describes the stiffness of the relaxed ventricle. More
preload moves the right side outwards and widens the loop. More afterload makes the loop taller and
narrower. More contractility steepens the upper limit, so that the ventricle empties further.

## Clinical note: shapes of disease

Aortic stenosis gives a tall loop because the ventricle must build up a high pressure. In mitral
regurgitation the right side of the loop leans, since blood leaks back into the atrium before the
aortic valve opens and there is no true isovolumetric contraction. In heart failure with preserved
ejection fraction the lower curve is shifted upwards: the same volume is reached only at a higher
filling pressure.
$md$);

select pg_temp.study_page(7, 'Preload, afterload and contractility', 'cardiovascular-system', $md$
Stroke volume depends on how far the ventricle is stretched before it contracts, how much it must
push against, and how strong the muscle itself is.

## Preload

Preload is the stretch of the ventricular muscle fibres at the end of diastole. It is usually
estimated by end-diastolic volume, about 120 mL, or by end-diastolic pressure, 5 to 12 mmHg in the
left ventricle. Venous return sets preload: blood volume, venous tone, body position, breathing and
the muscle pump of the legs all change it. Standing up lowers preload, and lying down with the legs
raised increases it.

## Afterload

Afterload is the wall stress that the ventricle must develop in order to eject. By the law of
Laplace, wall stress equals pressure times radius divided by twice the wall thickness. A dilated
ventricle therefore carries a higher afterload at the same blood pressure, and a thickened wall
lowers the stress again. In daily practice systemic vascular resistance and arterial pressure stand
in for afterload. A sudden rise in afterload reduces stroke volume and leaves more blood behind at
the end of systole.

## Contractility

Contractility is the strength of contraction at a given preload and afterload. It depends mainly on
how much calcium reaches the myofilaments in each beat. Noradrenaline, adrenaline and dobutamine
raise contractility through beta-1 receptors; acidosis, ischaemia, beta blockers and most general
anaesthetics lower it. A faster heart rate also raises contractility a little, the staircase effect
described by Bowditch.

## Clinical note: one lever at a time

Shock is treated by asking which of the three is wrong. Low preload after bleeding needs volume, low
afterload in sepsis needs a vasoconstrictor such as noradrenaline, and low contractility after a
large infarction needs an inotrope or mechanical support. In chronic heart failure, lowering
afterload with a vasodilator can increase stroke volume without increasing the oxygen that the
muscle consumes.
$md$);

select pg_temp.study_page(8, 'The Frank-Starling law', 'cardiovascular-system', $md$
Within physiological limits the heart pumps out whatever it receives, because a ventricle that is
filled more contracts more strongly.

## What the law says

The Frank-Starling law states that stroke volume rises when end-diastolic volume rises, provided
that afterload and contractility stay the same. No nerve or hormone is needed: an isolated heart
shows it. The curve is steep at low filling pressures and flattens above roughly 12 to 15 mmHg,
where further filling adds congestion rather than output.

## Why stretch adds force

Cardiac sarcomeres normally work between about 1.8 and 2.2 µm, on the rising part of the
length-tension curve. Stretching the heart muscle improves the overlap of actin and myosin, and
above all it makes the myofilaments more sensitive to calcium. The giant protein titin resists
overstretching, so that a healthy heart hardly reaches the descending part of the curve.

## Matching the two ventricles

The law keeps the outputs of the right and the left ventricle equal. Suppose the right ventricle
ejected only 1 mL more per beat than the left at 70 beats a minute: after 10 minutes 700 mL of extra
blood would lie in the lungs. In fact the added volume fills the left ventricle, which ejects more
from the next beats on, and balance returns within seconds. The same mechanism evens out the changes
in filling that come with each breath and each change of posture.

## Clinical note: who responds to fluid

Raising the legs of a patient who lies flat moves about 300 mL of blood towards the heart. If stroke
volume rises by 10% or more, the ventricle is on the steep part of its curve and intravenous fluid
is likely to help. If nothing changes, the heart is on the plateau, and more fluid mainly raises
pulmonary capillary pressure. In systolic heart failure the whole curve is lower and flatter, so
that a high filling pressure buys little extra output.
$md$);

select pg_temp.study_page(9, 'Heart sounds and murmurs', 'cardiovascular-system', $md$
Normal heart sounds come from the closing of valves; extra sounds come from abnormal filling, and
murmurs from turbulent flow.

## The first and second sounds

The first heart sound comes from the closing of the mitral and tricuspid valves and marks the start
of systole. The second heart sound comes from the closing of the aortic and then the pulmonary valve
and marks the start of diastole. During inspiration more blood returns to the right ventricle, its
ejection lasts longer and the pulmonary valve closes later, so that the second sound splits by about
30 to 50 ms. At a normal rate the pause between the first and the second sound is shorter than the
pause that follows.

## The third and fourth sounds

The third sound falls 120 to 180 ms after the second, when rapid filling is suddenly checked. It can
be normal in children and young adults, but over the age of 40 it suggests volume overload or a
failing ventricle. The fourth sound precedes the first and is caused by atrial contraction against a
stiff ventricle. A fourth sound cannot occur in atrial fibrillation, because there is no coordinated
atrial contraction.

## Murmurs and where to listen

The aortic area is the second right intercostal space, the pulmonary area the second left, the
tricuspid area the lower left sternal edge, and the mitral area the fifth left intercostal space in
the midclavicular line. Aortic stenosis gives a rising and falling systolic murmur that spreads to
the neck. Mitral regurgitation gives an even murmur throughout systole that spreads to the axilla.
Aortic regurgitation gives an early diastolic murmur, and mitral stenosis a low rumble in
mid-diastole.

## Clinical note: splitting that does not move

A second sound that is widely split and does not vary with breathing is typical of an atrial septal
defect, because the shunt keeps the right ventricle overfilled in every phase of breathing. Reversed
splitting, which narrows in inspiration, points to a late aortic valve closure, as in left bundle
branch block or severe aortic stenosis.
$md$);

select pg_temp.study_page(10, 'Cardiac output and the Fick principle', 'cardiovascular-system', $md$
Cardiac output is heart rate times stroke volume, and it can be measured from the oxygen that the
body takes up and the oxygen that each litre of blood gives away.

## Normal values

Cardiac output is the volume that one ventricle ejects in a minute: 70 beats a minute times 70 mL
gives 4.9 L/min, or about 5 L/min at rest. Divided by body surface area it becomes the cardiac
index, normally 2.5 to 4.0 L/min/m². In heavy exercise cardiac output reaches 20 to 25 L/min in an
untrained person and more than 35 L/min in an elite endurance athlete. Most of that rise comes from
heart rate, whose maximum is roughly 220 minus age.

## The Fick principle

The Fick principle says that the amount of a substance taken up by an organ equals blood flow times
the difference between its arterial and venous concentrations. Applied to oxygen and the whole body,
cardiac output equals oxygen consumption divided by the difference between arterial and mixed venous
oxygen content. At rest the body consumes about 250 mL of oxygen a minute, arterial blood carries
about 200 mL/L and mixed venous blood about 150 mL/L. The calculation is 250 divided by 50, which
gives 5 L/min. Arterial content follows from haemoglobin: 150 g/L times 1.34 mL/g is about 200 mL/L
when saturation is close to 100%.

## Other methods

Thermodilution injects cold saline into the right atrium and derives flow from the temperature curve
in the pulmonary artery: the smaller the area under the curve, the greater the flow. Doppler
echocardiography multiplies the cross-section of the outflow tract by the distance that blood
travels through it in one beat and by the heart rate.

## Clinical note: mixed venous saturation

Mixed venous blood, sampled from the pulmonary artery, is normally about 75% saturated. When cardiac
output falls, tissues extract more oxygen from each litre, and a value below 60% warns that delivery
is no longer adequate. In septic shock the value may be normal or high, because cells fail to use
the oxygen that arrives.
$md$);

select pg_temp.study_page(11, 'The coronary circulation', 'cardiovascular-system', $md$
The heart already extracts most of the oxygen from its blood at rest, so that it can only meet a
higher demand by raising coronary flow.

## Arteries and flow

The left main coronary artery divides into the anterior descending artery and the circumflex artery;
the right coronary artery supplies the right ventricle and, in about 80% of people, the posterior
descending artery. Coronary flow at rest is about 250 mL/min, which is 5% of cardiac output for an
organ that weighs 300 g. The heart extracts 70 to 75% of the oxygen from coronary blood at rest,
whereas the body as a whole extracts about 25%. Blood in the coronary sinus is therefore among the
darkest in the body, about 30% saturated.

## Flow in diastole

Contracting muscle squeezes the vessels inside it, so that the left ventricle receives most of its
coronary flow during diastole. The driving pressure is aortic diastolic pressure minus left
ventricular end-diastolic pressure, for example 80 minus 10, which is 70 mmHg. A fast heart rate
shortens diastole just when demand is rising. The layer next to the cavity is squeezed hardest and
suffers first when flow is short.

## Control of flow

Coronary flow follows oxygen consumption almost linearly. Adenosine, nitric oxide, potassium, carbon
dioxide and low oxygen tension widen the small arteries, and flow can rise four- to fivefold. This
coronary flow reserve begins to shrink when the diameter of an artery is narrowed by about 50%; flow
at rest does not fall until the narrowing exceeds about 85%.

## Clinical note: angina and infarction

Stable angina is chest tightness on effort that eases within minutes of rest, because a fixed
narrowing limits the rise in flow. A heart attack, or myocardial infarction, begins when a plaque
ruptures and a clot closes the vessel; heart muscle starts to die after about 20 to 40 minutes,
first beneath the endocardium and then further out. Troponin in the blood rises within a few hours,
and reopening the artery early saves muscle.
$md$);

select pg_temp.study_page(12, 'The electrocardiogram (ECG)', 'cardiovascular-system', $md$
The electrocardiogram records from the skin how depolarisation and repolarisation travel through the
heart, with one wave for each large event.

## Paper, leads and rate

At the standard speed of 25 mm/s one small square is 0.04 s and one large square is 0.2 s;
vertically 10 mm stands for 1 mV. Ten electrodes give twelve leads: six limb leads look at the heart
in the frontal plane and six chest leads in the horizontal plane. When the rhythm is regular, the
rate is 300 divided by the number of large squares between two R waves, so that four large squares
mean 75 beats a minute.

## Waves and intervals

The P wave is atrial depolarisation, the QRS complex is ventricular depolarisation and the T wave is
ventricular repolarisation. Atrial repolarisation is hidden within the QRS complex. The PR interval
is normally 120 to 200 ms and contains the delay in the atrioventricular node. The QRS complex
normally lasts less than 120 ms because the Purkinje system activates both ventricles together. The
QT interval corrected for rate should stay below about 450 ms in men and 460 ms in women.

## Axis

The mean frontal axis of a normal QRS complex lies between -30 and +90 degrees. If the QRS complex
is mainly positive in lead I and in lead II, the axis is normal. Left ventricular hypertrophy, left
anterior fascicular block and inferior infarction may turn the axis to the left; right ventricular
overload turns it to the right.

## Clinical note: three patterns to know

ST elevation in neighbouring leads together with chest pain means that a coronary artery has
probably been closed and must be opened without delay. An irregularly irregular rhythm without P
waves is atrial fibrillation. A PR interval that lengthens from beat to beat until one QRS complex
is missing is second-degree block of the Wenckebach type, which is often harmless.
$md$);

select pg_temp.study_page(13, 'What sets arterial blood pressure', 'cardiovascular-system', $md$
Mean arterial pressure is the product of cardiac output and total peripheral resistance, and the
arterioles hold most of that resistance.

## The equation and its numbers

Mean arterial pressure (MAP) equals cardiac output times total peripheral resistance, plus central
venous pressure. With a pressure of 120/80 mmHg the mean is about 93 mmHg, because it equals the
diastolic pressure plus one third of the pulse pressure. If central venous pressure is 3 mmHg and
cardiac output 5 L/min, total peripheral resistance is 90 divided by 5, which is 18 mmHg per L/min.
Multiplied by 80 this is 1,440 in the older unit of dyn·s·cm⁻⁵.

## Resistance lies in the arterioles

Flow through a tube varies with the fourth power of its radius, so that halving the radius of an
arteriole raises its resistance sixteenfold. Pressure falls only a little along the large arteries
and drops from about 85 to about 35 mmHg across the arterioles. Sympathetic tone, angiotensin II,
vasopressin and endothelin narrow the arterioles; nitric oxide, adenosine and local metabolites
widen them.

## Pulse pressure

Pulse pressure is systolic minus diastolic pressure, normally about 40 mmHg. It rises when stroke
volume is larger or when the aorta is stiffer. With age the aorta loses compliance, so that systolic
pressure climbs while diastolic pressure may even fall.

## Long-term control and clinical note

Nerves steady the pressure from second to second, but the kidney decides its level over days: when
pressure rises, the kidney excretes more sodium and water until the pressure returns, a response
called pressure natriuresis. Lasting hypertension therefore means that the kidney excretes its salt
load only at a higher pressure. In the clinic hypertension is commonly diagnosed at 140/90 mmHg or
more on repeated visits, and some guidelines use 130/80 mmHg. A lasting reduction of 10 mmHg in
systolic pressure lowers the risk of stroke by about a quarter.
$md$);

select pg_temp.study_page(14, 'The baroreceptor reflex', 'cardiovascular-system', $md$
Stretch receptors in the carotid sinus and the aortic arch correct a change in blood pressure within
a second or two.

## Sensors and pathways

Baroreceptors are nerve endings in the wall of the carotid sinus and the aortic arch that fire more
when they are stretched. The carotid sinus reports through the glossopharyngeal nerve and the aortic
arch through the vagus nerve, both to the nucleus of the solitary tract in the medulla. The carotid
receptors respond between about 60 and 180 mmHg and are most sensitive near the normal mean
pressure.

## What happens when pressure falls

When pressure falls, the receptors fire less, vagal activity to the heart drops and sympathetic
activity rises. The heart speeds up and contracts more strongly, arterioles constrict, and veins
constrict and return more blood to the heart. The adrenal medulla adds adrenaline and the kidney
releases renin, which support the pressure for longer. The vagal part acts within one beat; the
sympathetic part needs several seconds.

## Standing up, and resetting

On standing, 500 to 800 mL of blood moves into the veins of the legs and the abdomen. Venous return
falls, stroke volume falls, and the reflex raises the heart rate by 10 to 20 beats a minute so that
the mean pressure hardly changes. The reflex does not fix the pressure for life: when pressure stays
high, the receptors reset to the new level within 1 to 2 days.

## Clinical note: postural hypotension

Postural hypotension is a fall of at least 20 mmHg in systolic or 10 mmHg in diastolic pressure
within 3 minutes of standing. Dehydration, blood loss, antihypertensive drugs and the autonomic
neuropathy of diabetes are common causes. If the pressure falls and the heart rate does not rise, a
failure of the reflex itself is more likely than a lack of volume. Massaging the carotid sinus
excites its receptors, slows the atrioventricular node and may end a supraventricular tachycardia.
$md$);

select pg_temp.study_page(15, 'Heart failure', 'cardiovascular-system', $md$
In heart failure the heart cannot meet the needs of the body at normal filling pressures, and the
compensation that helps at first later does harm.

## Definition and types

Heart failure is a clinical syndrome of breathlessness, fatigue and fluid retention caused by a
structural or functional fault of the heart; it affects 1 to 2% of adults. An ejection fraction of
40% or less is heart failure with reduced ejection fraction (HFrEF). With 50% or more the ejection
fraction is called preserved (HFpEF), and the main fault is a stiff ventricle that fills only at
high pressure. Values of 41 to 49% form the mildly reduced group.

## Compensation that turns against the patient

Low output activates the sympathetic system, renin, angiotensin, aldosterone and vasopressin. They
raise heart rate, constrict vessels and retain sodium and water, which supports blood pressure for a
time. Over months the same signals raise afterload, enlarge and scar the ventricle and cause oedema;
this change of shape is called remodelling. The stretched heart answers with natriuretic peptides,
which promote sodium excretion and vasodilation but are outweighed.

## Congestion in numbers

Normal pulmonary capillary wedge pressure is 6 to 12 mmHg. Above about 18 mmHg fluid collects in the
lung tissue, and above about 25 mmHg it enters the alveoli as pulmonary oedema. In a patient who is
not acutely ill, an NT-proBNP below 125 pg/mL makes heart failure unlikely.

## Clinical note: four foundations of treatment

Four groups of drugs prolong life when the ejection fraction is reduced: a renin-angiotensin
blocker, preferably combined with a neprilysin inhibitor; a beta blocker; a mineralocorticoid
receptor antagonist; and an SGLT2 inhibitor. Loop diuretics relieve congestion but have not been
shown to prolong life. Daily weighing detects fluid early: a gain of more than 2 kg in 3 days should
lead to a call.
$md$);

select pg_temp.study_page(16, 'The kidney and its blood supply', 'renal-system', $md$
The kidneys make up less than half a per cent of body weight but receive more than a fifth of the
cardiac output, because they clean the blood rather than merely live on it.

## Position and structure

Each kidney is 10 to 12 cm long and weighs 120 to 170 g. The kidneys lie behind the peritoneum
between the twelfth thoracic and the third lumbar vertebra, the right one slightly lower because of
the liver. The outer cortex contains the glomeruli, and the inner medulla forms 8 to 18 pyramids.
Urine leaves the tip of each pyramid through a papilla into a minor calyx and flows by way of a
major calyx and the renal pelvis into the ureter, which is 25 to 30 cm long.

## The order of the vessels

Blood passes through the renal, segmental, interlobar, arcuate and interlobular arteries into the
afferent arterioles. Each afferent arteriole feeds one glomerulus, and an efferent arteriole drains
it. The kidney thus has two capillary beds in series: the glomerular capillaries filter at a high
pressure, and the peritubular capillaries reabsorb at a low pressure. Efferent arterioles of the
deepest glomeruli form the vasa recta that run down into the medulla. Segmental arteries are end
arteries, so that closing one of them kills a wedge of tissue.

## Blood flow and oxygen

Renal blood flow (RBF) is about 1.1 L/min, which is 20 to 25% of the cardiac output. With a
haematocrit of 45% the renal plasma flow is about 600 mL/min. About 90% of the blood goes to the
cortex and only about 10% to the medulla. Renal oxygen consumption is mostly the cost of pumping
sodium, so that it rises and falls with the filtered load.

## Clinical note: the vulnerable medulla

Oxygen tension is about 50 mmHg in the cortex but only 10 to 20 mmHg in the medulla. The straight
part of the proximal tubule and the thick ascending limb work hard at this low supply. They are the
first to be injured in shock, which is why prolonged low blood pressure leads to acute tubular
necrosis.
$md$);

select pg_temp.study_page(17, 'The nephron', 'renal-system', $md$
The nephron is the working unit of the kidney: a filter followed by a tubule that takes back nearly
everything and leaves a small, precisely adjusted remainder.

## Number and types

Each kidney contains about 1 million nephrons, with a wide range between individuals. About 85% are
cortical nephrons with short loops, and about 15% are juxtamedullary nephrons whose long loops reach
deep into the medulla and make concentrated urine possible. Nephrons are formed before birth and
none are added later.

## The route of the filtrate

Filtrate enters Bowman's capsule and passes through the proximal tubule, the descending and
ascending limbs of the loop of Henle, the distal convoluted tubule, the connecting tubule and the
collecting duct. Where the thick ascending limb touches its own glomerulus lies the macula densa, a
part of the juxtaglomerular apparatus. Three processes shape the urine: filtration, reabsorption and
secretion. What is excreted equals what is filtered minus what is reabsorbed plus what is secreted.

## A day in numbers

The kidneys filter about 180 L of plasma water a day and excrete 1 to 2 L, so that about 99% of the
water is reabsorbed. At a plasma sodium of 140 mmol/L the filtered load of sodium is about 25,000
mmol a day, of which usually 100 to 200 mmol appear in the urine. The proximal tubule reabsorbs
about 65% of the filtered sodium, the loop of Henle about 25%, the distal convoluted tubule 5 to 8%
and the collecting duct 2 to 3%. About half of the filtered urea is excreted, but virtually no
glucose.

## Clinical note: losing nephrons

When nephrons are lost, the remaining ones enlarge and filter more. This hyperfiltration keeps the
total rate up for a time but damages the surviving glomeruli by high pressure. Chronic kidney
disease means a filtration rate below 60 mL/min/1.73 m² or another marker of damage such as
albuminuria, present for more than 3 months.
$md$);

select pg_temp.study_page(18, 'The glomerular filtration barrier', 'renal-system', $md$
Three layers let water and small solutes through by the litre and hold back blood cells and nearly
all albumin.

## Three layers

The glomerular filtration barrier consists of a fenestrated endothelium, a basement membrane and the
slit diaphragms between podocyte foot processes. The pores of the endothelium are 70 to 100 nm wide,
too small for blood cells, and are coated with a negatively charged glycocalyx. The basement
membrane is about 300 nm thick and is built of type IV collagen, laminin and proteoglycans.
Podocytes wrap the capillaries with interlocking foot processes, and the gaps of about 40 nm between
them are bridged by a diaphragm made of nephrin and podocin.

## Size and charge

Molecules with a radius below about 2 nm, such as water, ions, glucose, urea and inulin, pass
freely. Above about 4 nm almost nothing passes. Albumin has a radius of 3.6 nm and a mass of about
66 kDa, so that its size alone would let a little through; its negative charge and the slit
diaphragm hold it back. At any given size a negatively charged molecule passes less easily than a
neutral one.

## What the tubule does with filtered protein

The small amount of albumin that is filtered is taken up by the proximal tubule through the
receptors megalin and cubilin and is broken down. Urine therefore contains less than 30 mg of
albumin a day, whereas more than 7 kg a day would be lost if the barrier let albumin pass as freely
as water.

## Clinical note: proteinuria

The nephrotic syndrome is defined by proteinuria of more than 3.5 g a day, low plasma albumin and
oedema, usually with high blood lipids. In minimal change disease the foot processes are flattened,
and most children recover with corticosteroids. Alport syndrome is a hereditary fault of type IV
collagen with haematuria, kidney failure and deafness. An albumin-creatinine ratio of 3 to 30
mg/mmol is moderately increased and is often the first sign of diabetic kidney disease.
$md$);

select pg_temp.study_page(19, 'Glomerular filtration rate (GFR) and Starling forces', 'renal-system', $md$
Filtration is driven by the pressure in the glomerular capillaries and opposed by the pressure in
Bowman's capsule and by the plasma proteins.

## The balance of forces

Net filtration pressure is glomerular capillary pressure minus the pressure in Bowman's capsule
minus the oncotic pressure of the glomerular plasma. With typical values of 60, 18 and 32 mmHg the
net filtration pressure is 10 mmHg. Glomerular capillary pressure is more than twice that of most
other capillaries, because the efferent arteriole offers a resistance downstream. The oncotic
pressure rises from about 28 to about 36 mmHg along the capillary, since protein stays behind while
water leaves.

## From pressure to rate

Glomerular filtration rate is net filtration pressure times the filtration coefficient; 10 mmHg
times 12.5 mL/min per mmHg gives 125 mL/min. A rate of 125 mL/min is 180 L a day, about 60 times the
plasma volume of 3 L. Filtration fraction is filtration rate divided by renal plasma flow: 125
divided by 600 is about 20%.

## Two arterioles, four effects

Constriction of the afferent arteriole lowers both renal plasma flow and filtration rate. Dilatation
of the afferent arteriole raises both. Constriction of the efferent arteriole lowers renal plasma
flow but raises glomerular pressure, so that the filtration rate is maintained or rises a little and
the filtration fraction rises. Dilatation of the efferent arteriole does the opposite.
Prostaglandins widen the afferent arteriole, and angiotensin II narrows above all the efferent
arteriole.

## Clinical note: when the rate falls

An obstructed ureter raises the pressure in Bowman's capsule and stops filtration, even though blood
flow may be normal at first. Anti-inflammatory drugs such as ibuprofen block prostaglandins and can
cut the filtration rate in a dehydrated patient. In narrowing of both renal arteries the filtration
rate depends on efferent tone, and an ACE inhibitor may cause a sharp fall.
$md$);

select pg_temp.study_page(20, 'Clearance and creatinine', 'renal-system', $md$
Clearance is the volume of plasma that would be completely freed of a substance in a minute, and the
clearance of a freely filtered marker measures the filtration rate.

## The formula

Clearance equals urine concentration times urine flow divided by plasma concentration. For example,
a urine creatinine of 10,000 µmol/L, a urine flow of 1 mL/min and a plasma creatinine of 80 µmol/L
give a clearance of 125 mL/min. A substance that is filtered and neither reabsorbed nor secreted,
such as inulin, has a clearance equal to the glomerular filtration rate. A clearance below the
filtration rate means net reabsorption, as with urea or glucose; a clearance above it means net
secretion. The clearance of para-aminohippurate estimates the renal plasma flow, because about 90%
of it is removed in one passage.

## Creatinine

Creatinine comes from muscle at a steady rate and is filtered freely. Normal plasma creatinine is
about 60 to 110 µmol/L in men and 45 to 90 µmol/L in women. The tubule secretes some creatinine, so
that its clearance overestimates the filtration rate by 10 to 20%. In a steady state plasma
creatinine is inversely proportional to the filtration rate: when the filtration rate halves,
creatinine doubles. Because the normal range is wide, someone with small muscles may lose half of
the filtration rate while creatinine still looks normal.

## Estimated filtration rate

The estimated glomerular filtration rate (eGFR) is calculated from plasma creatinine, age and sex,
and is expressed per 1.73 m² of body surface. Stage G1 is 90 or more, G2 is 60 to 89, G3a is 45 to
59, G3b is 30 to 44, G4 is 15 to 29 and G5 is below 15 mL/min/1.73 m².

## Clinical note: traps

After the kidneys stop suddenly, creatinine needs days to rise to its new level, so that the
estimate is far too high at first. Trimethoprim raises creatinine by blocking its secretion without
any change in filtration. Cystatin C is less dependent on muscle mass and helps when creatinine is
doubtful.
$md$);

select pg_temp.study_page(21, 'Autoregulation of renal blood flow and GFR', 'renal-system', $md$
Renal blood flow and filtration rate change little while mean arterial pressure moves between about
80 and 180 mmHg, because the afferent arteriole adjusts its own resistance.

## Why it matters

Without autoregulation a rise in mean pressure by one fifth, from 90 to 108 mmHg, would raise the
filtration rate from 180 to 216 L a day. If reabsorption stayed the same, urine volume would jump
from 1.5 L to more than 37 L a day. Autoregulation prevents this and shields the glomerular
capillaries from high pressure. Below about 80 mmHg the limit is reached, and blood flow and
filtration rate fall together.

## The myogenic response

The myogenic response is the contraction of vascular smooth muscle when it is stretched. A higher
pressure stretches the wall of the afferent arteriole, stretch-activated channels open, calcium
enters through voltage-gated channels and the vessel narrows. The response begins within a few
seconds, needs neither nerve nor hormone, and is the first line of defence.

## Tubuloglomerular feedback

Tubuloglomerular feedback links the salt that reaches the macula densa to the tone of the afferent
arteriole of the same nephron. When the filtration rate rises, more sodium chloride arrives at the
macula densa and enters its cells through the NKCC2 cotransporter. The cells release ATP, from which
adenosine is formed; adenosine acts on A1 receptors and constricts the afferent arteriole, so that
filtration falls back. The loop takes about 30 s. When less sodium chloride arrives, the afferent
arteriole widens, and prostaglandins stimulate the release of renin.

## Clinical note: SGLT2 inhibitors

In diabetes the proximal tubule takes up more glucose together with sodium, less salt reaches the
macula densa, the afferent arteriole widens and the glomerulus hyperfiltrates. An SGLT2 inhibitor
sends salt to the macula densa again, the afferent arteriole narrows and glomerular pressure falls.
The estimated filtration rate drops by 3 to 5 mL/min/1.73 m² in the first weeks, and its later
decline becomes slower.
$md$);

select pg_temp.study_page(22, 'The proximal tubule', 'renal-system', $md$
The proximal tubule takes back two thirds of the filtrate without changing its concentration, and
recovers nearly all glucose, amino acids and most bicarbonate.

## Bulk reabsorption

The proximal tubule reabsorbs about 65% of the filtered sodium and water. Water follows solute
through aquaporin-1, so that the fluid stays at about 290 mOsm/kg from beginning to end. The
sodium-potassium pump on the basolateral side keeps the sodium inside the cell low, and this
gradient drives the transporters on the luminal side. The brush border enlarges the surface many
times over.

## Glucose and its limit

At a plasma glucose of 5 mmol/L the kidneys filter about 900 mmol, or 160 g, of glucose a day. The
cotransporter SGLT2 in the first part of the proximal tubule reabsorbs about 90% of the glucose, and
SGLT1 further on takes the rest. Glucose appears in the urine when plasma glucose exceeds about 10
mmol/L, the renal threshold. The transport maximum for glucose is about 2 mmol/min, or 375 mg/min.

## Bicarbonate, acids and drugs

The proximal tubule reabsorbs about 80% of the filtered bicarbonate. Hydrogen ions leave the cell
through the exchanger NHE3, and carbonic anhydrase in the brush border turns them together with
bicarbonate into carbon dioxide and water, which enter the cell. Separate carriers secrete organic
anions such as penicillin and furosemide, and organic cations such as metformin and creatinine. When
more is filtered, more is reabsorbed: this glomerulotubular balance keeps the reabsorbed share
nearly constant.

## Clinical note: Fanconi syndrome

In Fanconi syndrome the proximal tubule fails as a whole, and glucose, amino acids, phosphate, urate
and bicarbonate are lost in the urine. Glucose in the urine at a normal plasma glucose is a strong
hint. Causes include cystinosis in children and myeloma or drugs such as tenofovir in adults.
$md$);

select pg_temp.study_page(23, 'The loop of Henle and the countercurrent system', 'renal-system', $md$
By pumping salt out of a limb that water cannot leave, the loop of Henle builds the concentrated
medulla that later lets the collecting duct save water.

## Two limbs with opposite properties

The thin descending limb is permeable to water through aquaporin-1 but hardly pumps salt. The thick
ascending limb is impermeable to water and actively reabsorbs sodium chloride. Its luminal
cotransporter NKCC2 carries one sodium, one potassium and two chloride ions, and ROMK channels let
the potassium return to the lumen. The loop of Henle reabsorbs about 25% of the filtered sodium. The
lumen is about 8 mV positive, which drives calcium and magnesium out between the cells.

## Countercurrent multiplication

At each level the ascending limb can hold a difference of about 200 mOsm/kg between its fluid and
the interstitium. Because the fluid flows in opposite directions in the two limbs, this small single
effect is multiplied along the loop. Interstitial osmolality rises from about 300 mOsm/kg at the
cortex to about 1,200 mOsm/kg at the tip of the papilla. Nearly half of the osmolality at the tip is
urea, which is recycled from the inner medullary collecting duct. The fluid that leaves the thick
ascending limb is dilute, about 100 mOsm/kg.

## Countercurrent exchange in the vasa recta

The vasa recta run down and up beside the loops, so that solute entering the descending vessel
leaves the ascending one again. Blood therefore supplies the medulla without washing the gradient
away, provided that its flow stays slow. A faster flow, as in an osmotic diuresis, lowers the
gradient.

## Clinical note: blocking NKCC2

Furosemide blocks NKCC2, which abolishes the gradient as well as the reabsorption of salt, so that
urine is neither well concentrated nor well diluted. Calcium and magnesium are lost with the sodium.
Bartter syndrome, an inherited fault of the same transport, looks like permanent treatment with a
loop diuretic: low potassium, alkalosis and normal or low blood pressure.
$md$);

select pg_temp.study_page(24, 'The distal tubule and the collecting duct', 'renal-system', $md$
The last tenth of the filtered salt is handled under hormonal control, and here the final amounts of
sodium, potassium, acid, calcium and water are set.

## The distal convoluted tubule

The distal convoluted tubule reabsorbs 5 to 8% of the filtered sodium through the sodium-chloride
cotransporter NCC, which thiazides block. It is impermeable to water, so that the fluid becomes more
dilute, down to about 50 mOsm/kg when no vasopressin is present. Parathyroid hormone opens the way
for calcium through the channel TRPV5 in this segment.

## Principal cells

Principal cells of the connecting tubule and collecting duct reabsorb 2 to 3% of the filtered sodium
through the epithelial sodium channel ENaC. Sodium entry makes the lumen negative and thereby drives
potassium out of the cell through ROMK. Aldosterone increases the number of open ENaC channels and
of sodium-potassium pumps, so that it saves sodium and excretes potassium. Vasopressin inserts
aquaporin-2 into the same cells and lets water follow the medullary gradient.

## Intercalated cells

Alpha intercalated cells secrete hydrogen ions with a proton pump and reabsorb potassium with a
hydrogen-potassium pump. Beta intercalated cells secrete bicarbonate through pendrin when there is
an excess of base. The urine can be acidified to a pH of about 4.5, which is a hydrogen ion
concentration about 800 times that of plasma.

## Clinical note: faults of single channels

Gitelman syndrome is a loss of NCC and resembles thiazide treatment: low potassium, low magnesium
and low urinary calcium. In Liddle syndrome ENaC stays open, which causes hypertension with low
potassium and low aldosterone, and amiloride corrects it because it blocks the channel. Trimethoprim
also blocks ENaC and can raise plasma potassium dangerously in an older patient who takes an ACE
inhibitor.
$md$);

select pg_temp.study_page(25, 'Vasopressin (ADH) and water balance', 'renal-system', $md$
Vasopressin, the antidiuretic hormone, decides whether the collecting duct lets water through, and
so keeps plasma osmolality within 1 to 2% of its set point.

## Release

Vasopressin is made in the supraoptic and paraventricular nuclei of the hypothalamus and is released
from the posterior pituitary. Osmoreceptors respond to a change of only 1 to 2% in plasma
osmolality. Release begins at about 280 to 285 mOsm/kg, and thirst follows at about 290 to 295
mOsm/kg. A fall of 8 to 10% in blood volume is a weaker but finally overriding stimulus, so that a
patient in shock saves water even when plasma is dilute. Nausea, pain and several drugs release the
hormone as well.

## Action on the collecting duct

Vasopressin binds to V2 receptors on principal cells, cyclic AMP rises and vesicles with aquaporin-2
fuse with the luminal membrane. Water then leaves through aquaporin-2 and, on the other side of the
cell, through aquaporin-3 and aquaporin-4. Vasopressin also raises the permeability of the inner
medullary duct to urea. Its half-life in plasma is only 10 to 20 minutes, so that the effect can be
switched off quickly. V1 receptors on vessels cause constriction at higher concentrations.

## The range of urine

Urine osmolality can vary from about 50 to about 1,200 mOsm/kg. A person who must excrete 600 mOsm
of solute a day needs at least 0.5 L of urine at the highest concentration and can pass 12 L at the
lowest.

## Clinical note: too little and too much

In diabetes insipidus vasopressin is lacking or the kidney does not respond to it, and the patient
passes more than 3 L of dilute urine a day. Lithium is a common cause of the resistant form. In the
syndrome of inappropriate antidiuresis plasma sodium falls below 135 mmol/L while the urine is not
maximally dilute. Chronic low sodium should not be raised by more than 8 to 10 mmol/L in 24 hours,
because a faster rise can damage the brain stem.
$md$);

select pg_temp.study_page(26, 'The renin-angiotensin-aldosterone system (RAAS)', 'renal-system', $md$
A fall in renal perfusion releases renin, and the cascade that follows constricts vessels, retains
sodium and restores blood pressure.

## What releases renin

Renin is released by granular cells in the wall of the afferent arteriole. There are three stimuli:
a lower pressure in the afferent arteriole, less sodium chloride at the macula densa, and
sympathetic stimulation of beta-1 receptors. Angiotensin II and atrial natriuretic peptide inhibit
the release.

## The cascade

Renin cuts angiotensinogen from the liver to angiotensin I, a peptide of ten amino acids.
Angiotensin-converting enzyme, found above all on the endothelium of the lung, removes two of them
and forms angiotensin II. Angiotensin II lives for only one or two minutes and acts mainly on AT1
receptors. It constricts arterioles, the efferent one more than the afferent, stimulates sodium
reabsorption in the proximal tubule, causes thirst, releases vasopressin and makes the adrenal
cortex secrete aldosterone.

## Aldosterone

Aldosterone comes from the zona glomerulosa of the adrenal cortex and is released by angiotensin II
and by a high plasma potassium. It enters principal cells, binds to the mineralocorticoid receptor
and, after a delay of about an hour, increases the activity of ENaC and of the sodium-potassium
pump. The result is retention of sodium and loss of potassium and hydrogen ions.

## Clinical note: blocking the system

ACE inhibitors and angiotensin receptor blockers lower blood pressure, glomerular pressure and
proteinuria. Creatinine may rise by up to 30% after the start, which is acceptable when it then
stays stable; a larger rise suggests narrowed renal arteries or lack of volume. Potassium must be
checked 1 to 2 weeks after the start. ACE inhibitors cause a dry cough in about one person in ten,
because bradykinin is no longer broken down. Primary aldosteronism, with high aldosterone and
suppressed renin, is a frequent curable cause of hypertension.
$md$);

select pg_temp.study_page(27, 'The kidney and acid-base balance', 'renal-system', $md$
The lungs remove carbon dioxide within minutes; the kidney recovers all filtered bicarbonate and
makes new bicarbonate to replace what fixed acids have used up.

## Normal values

Arterial pH is 7.35 to 7.45, carbon dioxide tension 35 to 45 mmHg and bicarbonate 22 to 26 mmol/L.
The Henderson-Hasselbalch equation links them: pH equals 6.1 plus the logarithm of bicarbonate
divided by 0.03 times the carbon dioxide tension. With 24 mmol/L and 40 mmHg the ratio is 20 and the
pH is 7.40.

## Recovering bicarbonate

The kidneys filter about 4,300 mmol of bicarbonate a day. The proximal tubule recovers about 80% of
it, the thick ascending limb about 15% and the collecting duct the rest. This recovery excretes no
acid: the secreted hydrogen ion returns as water.

## Making new bicarbonate

A usual diet produces about 1 mmol of fixed acid per kg of body weight a day, some 70 mmol in an
adult. Each hydrogen ion excreted with a buffer leaves one new bicarbonate ion in the blood.
Phosphate carries about 30 mmol a day as titratable acid, and ammonium carries about 40 mmol. The
proximal tubule makes ammonium from glutamine, and in chronic acidosis this production can rise to
200 mmol a day or more. Free hydrogen ions count for almost nothing: even at the lowest urine pH of
4.5 there is only 0.03 mmol/L of them. The renal response to an acid load takes 3 to 5 days to
become complete.

## Clinical note: the anion gap

The anion gap is sodium minus chloride minus bicarbonate, for example 140 minus 104 minus 24, which
is 12 mmol/L. In ketoacidosis, lactic acidosis and kidney failure the gap is raised, because an
unmeasured anion takes the place of bicarbonate. In diarrhoea and renal tubular acidosis chloride
rises instead and the gap stays normal. Vomiting loses hydrochloric acid and causes a metabolic
alkalosis, which persists until chloride is replaced.
$md$);

select pg_temp.study_page(28, 'Potassium handling', 'renal-system', $md$
Cells hold almost all of the potassium in the body, fast shifts protect the plasma, and the
collecting duct decides how much is excreted.

## Where potassium is

Plasma potassium is 3.5 to 5.0 mmol/L, while the concentration inside cells is about 140 mmol/L. The
body contains about 3,500 mmol, and only 2% of it is outside cells. The whole extracellular fluid
contains only some 60 mmol, so that the 30 to 40 mmol in a large meal must move into cells at once.
Insulin, adrenaline acting on beta-2 receptors and aldosterone promote this shift by stimulating the
sodium-potassium pump; acidosis, cell damage and heavy exercise move potassium out.

## Renal excretion

At 4 mmol/L the kidneys filter about 720 mmol of potassium a day. The proximal tubule reabsorbs
about 65% and the thick ascending limb about 25%, regardless of need. Excretion is set by secretion
from principal cells, which rises with aldosterone, with high plasma potassium, with more sodium
delivered and with faster flow past the cells. About 90% of the intake leaves in the urine and 10%
in the stool.

## Why diuretics lower potassium

Loop and thiazide diuretics bring more sodium and a faster flow to the collecting duct and activate
aldosterone, so that more potassium is secreted. Amiloride and spironolactone act on the collecting
duct itself and save potassium.

## Clinical note: hyperkalaemia

A potassium of 6.5 mmol/L or more, or any change on the electrocardiogram, is an emergency. Tall
narrow T waves come first, then a long PR interval, loss of the P wave and a wide QRS complex.
Intravenous calcium protects the heart within minutes without lowering potassium; 10 units of
insulin with 25 g of glucose and inhaled salbutamol move potassium into cells; and diuretics,
binders or dialysis remove it from the body. Low potassium causes weakness, U waves and arrhythmias.
$md$);

select pg_temp.study_page(29, 'Diuretics', 'renal-system', $md$
Each diuretic blocks one step of sodium reabsorption, and the segment where it acts predicts its
strength and its side effects.

## Strong, moderate and weak

Loop diuretics such as furosemide block NKCC2 and can cause excretion of 20 to 25% of the filtered
sodium. Thiazides such as hydrochlorothiazide block NCC in the distal convoluted tubule and reach 5
to 8%. Amiloride blocks ENaC and spironolactone blocks the mineralocorticoid receptor; both reach
only 2 to 3% but save potassium. Acetazolamide inhibits carbonic anhydrase in the proximal tubule
and makes the urine alkaline. Mannitol is filtered, not reabsorbed, and holds water in the tubule.

## How they reach the site of action

Loop diuretics and thiazides are bound to albumin and enter the tubule by secretion in the proximal
tubule, so that a failing kidney needs a higher dose. Oral furosemide is absorbed by about 50% on
average, with great variation, and its effect lasts about 6 hours. Below a threshold dose nothing
happens, and above a ceiling dose there is no further effect. Taking the drug twice a day helps more
than exceeding the ceiling once.

## Resistance

After a few days the response shrinks, because the distal tubule grows and reabsorbs the salt that
escapes the loop. Adding a thiazide to a loop diuretic blocks this second site; the combination is
powerful and requires a daily check of electrolytes.

## Clinical note: choosing and watching

Loop diuretics are chosen for oedema and congestion, and thiazides for hypertension. Loop diuretics
increase calcium excretion, whereas thiazides reduce it and help against calcium stones. Both lower
potassium and magnesium and may bring on gout by retaining urate. Thiazides are the typical cause of
low sodium in older women. Spironolactone may cause breast enlargement in men, and together with an
ACE inhibitor it may cause hyperkalaemia.
$md$);

select pg_temp.study_page(30, 'Heart and kidney together', 'renal-system', $md$
The heart supplies pressure, the kidney adjusts volume, and when one of them fails the other is
drawn in.

## A shared control loop

Cardiac output and vascular resistance set the pressure that perfuses the kidney, and the kidney
answers with more or less sodium in the urine. Stretch of the atria releases atrial natriuretic
peptide, and strain of the ventricles releases B-type natriuretic peptide; both widen the afferent
arteriole, reduce sodium reabsorption and inhibit renin. Angiotensin II, aldosterone, vasopressin
and sympathetic nerves act in the opposite direction. In health the two sides keep extracellular
volume within narrow limits on a salt intake that may vary tenfold.

## Why a failing heart harms the kidney

Renal perfusion pressure is mean arterial pressure minus the pressure in the renal vein. With a mean
arterial pressure of 70 mmHg and a venous pressure of 20 mmHg only 50 mmHg remain, so that
congestion alone can lower filtration markedly. In many patients who are admitted with heart failure
a high central venous pressure predicts a falling filtration rate better than a low cardiac output
does. Diuretics that relieve congestion may therefore improve kidney function.

## Why a failing kidney harms the heart

Chronic kidney disease retains salt, raises blood pressure and thickens the left ventricle. The
kidney makes less erythropoietin, and the resulting anaemia forces the heart to pump more. High
phosphate stiffens and calcifies the arteries. High potassium disturbs the rhythm. More patients
with chronic kidney disease die of heart disease than ever reach dialysis.

## Clinical note: five types of cardiorenal syndrome

Type 1 is an acute failure of the heart that injures the kidney, and type 2 is its chronic
counterpart. Type 3 is an acute kidney injury that strains the heart, and type 4 is chronic kidney
disease that damages it. Type 5 is a systemic illness such as sepsis that harms both at once. A
small early rise in creatinine during successful treatment of congestion is usually no reason to
stop the treatment.
$md$);

drop function pg_temp.study_page(integer, text, text, text);
