// A small material for tests of questions: real enough that every kind of question can be made of it.
import type {
  GeneratedQuestion,
  SourcePassage,
} from "../../../functions/_shared/questions/types.ts";

export const passage = (content: string, over: Partial<SourcePassage> = {}): SourcePassage => ({
  chunk_id: `chunk-${content.slice(0, 24)}`,
  chunk_no: 0,
  content,
  heading_path: ["Chapter"],
  has_questions: false,
  ...over,
});

export const CHAPTERS = [
  "Hepatitis is inflammation of the liver caused by a virus, alcohol or toxic drugs. It may heal by itself.",
  "Nephritis is inflammation of the kidneys that follows an infection of the throat in children.",
  "Cystitis is inflammation of the bladder caused by bacteria that climb through the urethra.",
  "Meningitis is inflammation of the membranes around the brain and spinal cord caused by bacteria or viruses.",
  "Gastritis is inflammation of the lining of the stomach caused by Helicobacter pylori.",
  "Insulin is a hormone produced in the pancreas by beta cells that lowers the level of glucose. Glucagon is a hormone " +
  "that raises glucose by breaking down glycogen stored in hepatocytes.",
  "Cortisol is a hormone made by the adrenal cortex that answers to stress and fasting. Aldosterone is a hormone " +
  "that keeps sodium and water through the distal tubule.",
  "The normal glomerular filtration rate of the kidneys is about 120 milliliters of plasma filtered each minute.",
  "Cystic fibrosis is caused by mutations in the CFTR gene that block chloride channels of epithelium.",
  "Sickle cell disease is caused by mutations in the HBB gene that change the beta chain of hemoglobin.",
  "Mutations in the FBN1 gene weaken fibrillin of the aortic wall and lens ligaments.",
  "Mutations in the PKD1 gene form fluid-filled sacs that replace renal parenchyma.",
].map((content, i) => passage(content, { chunk_id: `chunk-${i}`, chunk_no: i }));

/** Nothing is wrong with it. */
export const good = (over: Partial<GeneratedQuestion["content"]> = {}): GeneratedQuestion => ({
  chunk_id: "chunk-0",
  quote: "Hepatitis is inflammation of the liver caused by a virus, alcohol or toxic drugs.",
  difficulty: "easy",
  content: {
    vignette: "Which organ is inflamed in a person who has hepatitis?",
    options: [
      { text: "The liver", is_correct: true, rationale: "The text says so." },
      { text: "The kidney", is_correct: false, rationale: "That is nephritis." },
      { text: "The bladder", is_correct: false, rationale: "That is cystitis." },
      { text: "The stomach", is_correct: false, rationale: "That is gastritis." },
    ],
    explanation: { correct_explanation: "Hepatitis is inflammation of the liver." },
    ...over,
  },
});
