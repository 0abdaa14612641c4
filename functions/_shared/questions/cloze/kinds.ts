// What kind of thing a term names: options of one kind can be told apart only by who knows the text. The kinds are
// those that words show by themselves: the last word of a name, the ending of a technical term, and a few short lists.

import { stem } from "../../text/stem.ts";

const list = (text: string): string[] => text.trim().split(/\s*,\s*/);
const stems = (text: string): string => text.split(" ").map((word) => stem(word)).join(" ");

/** Last words of names; all in a line name one kind. */
const HEADS: Record<string, string> = {
  disease:
    "syndrome, disease, disorder, cancer, anemia, carcinoma, lymphoma, leukemia, fever, dystrophy, fibrosis, failure, deficiency, sclerosis, palsy, dementia, diabetes, tumor, infection, attack, thrombosis, embolism, hypertension, apnea, epilepsy, dysplasia, atrophy, paralysis, measles, herpes, stroke, asthma, tuberculosis, malaria, osteoporosis, gout, psoriasis, eczema, autism, migraine, influenza, cholera, rabies, tetanus, scurvy, rickets, lupus, shingles, mumps, rubella, sepsis, pneumonia, glaucoma, cataract, obesity, jaundice",
  vessel: "artery, vein, aorta, vena cava",
  valve: "valve",
  nerve: "nerve",
  muscle: "muscle",
  bone: "bone",
  gland: "gland",
  acid: "acid",
  virus: "virus",
  law: "law, theorem, principle, rule, equation",
  theory: "theory, hypothesis",
  war: "war, revolution, rebellion",
  treaty: "treaty, pact, convention",
  river: "river, lake, sea, ocean",
};

const ENDINGS: [kind: string, ending: RegExp][] = [
  ["disease", /(?:itis|osis|aemia|emia|oma|opathy|algia|uria|plegia|rrhea|iasis|penia)$/],
  [
    "drug",
    /(?:olol|pril|sartan|statin|mycin|cillin|azole|tinib|mab|caine|zepam|oxacin|dronate|triptan|parin|prazole|semide|thiazide|formin|gliptin|dipine)$/,
  ],
  ["enzyme", /(?:[a-z]{4}ase)$/],
];
const NO_ENDING = new Set(list(
  "aroma, diploma, disease, increase, decrease, release, purchase, database, diagnosis, prognosis, hypnosis, mitosis, meiosis, osmosis, symbiosis, biopsy, coma, trauma, stoma, genoma, chromosome, urease inhibitor",
));

const LISTS: Record<string, string> = {
  organ:
    "heart, liver, kidney, lung, brain, stomach, pancreas, spleen, bladder, gallbladder, esophagus, uterus, ovary, prostate, thyroid, skin, colon, intestine, appendix, spinal cord, bone marrow, cerebellum, hypothalamus, pituitary, hippocampus, thymus, placenta, cervix, aorta, rectum, duodenum, testicle, parathyroid, diaphragm",
  joint: "knee, hip, elbow, shoulder, wrist, ankle, jaw",
  "part of the head":
    "eye, ear, nose, throat, tongue, retina, cornea, larynx, pharynx, trachea, tonsil, adenoid, scalp",
  hormone:
    "insulin, glucagon, estrogen, progesterone, testosterone, cortisol, aldosterone, adrenaline, epinephrine, thyroxine, prolactin, oxytocin, melatonin, vasopressin, leptin, ghrelin, gastrin, secretin, erythropoietin, renin, calcitonin",
  nutrient:
    "iron, calcium, potassium, sodium, magnesium, phosphorus, zinc, iodine, copper, selenium, vitamin a, vitamin c, vitamin d, vitamin e, vitamin k, vitamin b12, folic acid, thiamine, niacin, riboflavin, biotin",
  gas: "oxygen, carbon dioxide, nitrogen, hydrogen, carbon monoxide, helium, methane",
  inheritance:
    "autosomal dominant, autosomal recessive, x-linked dominant, x-linked recessive, mitochondrial",
};

/** What a text says that something is: "… is a protein that". */
const GENERA: [kind: string, words: RegExp][] = [
  [
    "disease",
    /^(?:disease|disorder|condition|syndrome|infection|illness|cancer|tumou?r|inflammation|deficiency)s?$/,
  ],
  ["drug", /^(?:drug|medicine|medication|antibiotic|antidepressant|painkiller|vaccine)s?$/],
  [
    "person",
    /^(?:physician|specialist|surgeon|nurse|therapist|scientist|king|queen|emperor|president|writer|philosopher|composer|painter|poet|general)s?$/,
  ],
  [
    "substance",
    /^(?:substance|protein|fluid|chemical|sugar|fat|mineral|compound|hormone|enzyme|molecule|acid|vitamin|nutrient|element|metal|gas|salt|pigment|neurotransmitter|antibody|carbohydrate|lipid|polymer)s?$/,
  ],
  [
    "part of the body",
    /^(?:organ|gland|tissue|pouch|tube|muscle|bone|membrane|vessel|artery|vein|nerve|cavity|canal|duct|joint|ligament|tendon|cartilage|cell|structure|area|region|layer)s?$/,
  ],
  [
    "procedure",
    /^(?:test|procedure|surgery|operation|technique|exam|examination|therapy|treatment|method|scan|x-ray)s?$/,
  ],
  [
    "organism",
    /^(?:bacterium|bacteria|virus|fungus|parasite|worm|insect|plant|animal|species|mammal|bird|fish|tree)(?:es)?$/,
  ],
  [
    "place",
    /^(?:country|city|town|region|island|continent|state|province|kingdom|empire|planet|star|galaxy)s?$/,
  ],
];

export const kindOfGenus = (genus: string): string | null =>
  GENERA.find(([, words]) => words.test(genus))?.[0] ?? null;

/** One is in, or beside, or another word for the other: both may be right. */
const CLOSE: string[] = [
  "stomach, intestine, colon, appendix, rectum, duodenum, esophagus, gallbladder, pancreas",
  "brain, cerebellum, hypothalamus, pituitary, hippocampus, spinal cord",
  "eye, retina, cornea",
  "nose, throat, pharynx, larynx, trachea, tonsil, adenoid, tongue, esophagus, lung",
  "uterus, ovary, cervix, placenta, pelvis",
  "kidney, bladder",
  "heart, aorta, artery, vein",
  "adrenaline, epinephrine",
  "vasopressin, oxytocin",
  "skin, scalp",
  "knee, hip, elbow, shoulder, wrist, ankle, jaw",
  "prostate, bladder, testicle, rectum",
  "thyroid, parathyroid, throat",
];
const CLOSE_STEMS = CLOSE.map((line) => new Set(list(line).map(stems)));

const BY_WORD = new Map(
  Object.entries(LISTS).flatMap(([kind, line]) => list(line).map((term) => [term, kind])),
);
/** The word itself or its plural: "cerebellar" is no part of the body. */
const listedKind = (lower: string): string | undefined =>
  BY_WORD.get(lower) ?? BY_WORD.get(lower.replace(/ies$/, "y")) ??
    BY_WORD.get(lower.replace(/e?s$/, "")) ??
    BY_WORD.get(lower.replace(/s$/, ""));
const BY_HEAD = new Map(
  Object.entries(HEADS).flatMap(([kind, line]) => list(line).map((head) => [stems(head), kind])),
);
export const isListed = (text: string): boolean => listedKind(text.toLowerCase()) !== undefined;

/** As far as a word shows it. */
const SINGULAR =
  /(?:diabetes|measles|shingles|herpes|mumps|rickets|rabies|scabies|lens|aids|tetanus|physics|mathematics|economics|series|species)$/;
export const isPlural = (text: string): boolean =>
  !SINGULAR.test(text.toLowerCase()) && /(?:[^aius]|ie|mia|oma|ea)s$/.test(text.toLowerCase());

/** Null: nobody can say without knowing the subject. */
export function kindOf(term: string): string | null {
  const lower = term.toLowerCase();
  const parts = lower.split(/\s+/);
  const last = parts.at(-1) ?? "";
  const number = isPlural(last) ? "s" : "";
  const listed = listedKind(lower);
  if (listed) return listed + number;
  if (NO_ENDING.has(last)) return null;
  // Attacks are no "attacked".
  const byHead = /(?:ed|ing|ly|ous|ive|ible|able)$/.test(last)
    ? undefined
    : BY_HEAD.get(stem(last));
  if (byHead) return byHead + number;
  const ending = last.length < 6 ? undefined : ENDINGS.find(([, pattern]) => pattern.test(last));
  return ending ? ending[0] + number : null;
}

export const areClose = (a: string, b: string): boolean =>
  CLOSE_STEMS.some((group) => group.has(a) && group.has(b));
