// Which choices of an item are right.

import { attributeOf, childrenNamed, findAll, textContent, type XmlElement } from "./xml.ts";

export interface ChoiceResponse {
  right: ReadonlySet<string>;
  isMultiple: boolean;
  /** The choices bring different points, which we do not keep. */
  isWeighted: boolean;
}

export function choiceResponse(root: XmlElement, interaction: XmlElement): ChoiceResponse {
  const name = attributeOf(interaction, "responseIdentifier");
  const declaration = childrenNamed(root, "responseDeclaration").find((element) =>
    attributeOf(element, "identifier") === name
  );
  if (!declaration) return { right: new Set(), isMultiple: false, isWeighted: false };
  const isMultiple = attributeOf(declaration, "cardinality") === "multiple";
  const declared = childrenNamed(declaration, "correctResponse")
    .flatMap((element) => findAll(element, ["value"]))
    .map((value) => textContent(value).trim());
  const points = findAll(declaration, ["mapEntry"]).map((entry) => ({
    choice: attributeOf(entry, "mapKey").trim(),
    value: Number(attributeOf(entry, "mappedValue")),
  })).filter(({ value }) => value > 0);
  const isWeighted = new Set(points.map(({ value }) => value)).size > 1;
  if (declared.length > 0) return { right: new Set(declared), isMultiple, isWeighted };
  const best = Math.max(...points.map(({ value }) => value));
  const right = points.filter(({ value }) => isMultiple || value === best);
  return { right: new Set(right.map(({ choice }) => choice)), isMultiple, isWeighted };
}
