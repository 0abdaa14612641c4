import { describe, expect, test } from "vitest";
import {
  CodePoints,
  guessLanguage,
  suggestTags,
  suggestTopics,
} from "../../../functions/_shared/material/index.ts";

const heart =
  `Heart failure is a syndrome in which the heart cannot pump enough blood. Chronic heart failure
is treated with diuretics. Diuretics relieve congestion, and beta blockers lower mortality. In heart failure
the ejection fraction is measured by echocardiography. Beta blockers are started at a low dose. The ejection
fraction may recover.`;

describe("topics", () => {
  const topic = (slug: string, name: string, synonyms: string[] = []) => ({
    id: `id ${slug}`,
    slug,
    name,
    synonyms,
  });
  const topics = [
    topic("heart", "Heart"),
    topic("heart-failure", "Heart failure", ["cardiac failure"]),
    topic("diuretics", "Diuretics", ["water pills"]),
    topic("kidney", "Kidney", ["renal medicine"]),
    topic("chemistry", "Chemistry"),
  ];

  test("are those that the text speaks of, the longest name first", () => {
    const suggested = suggestTopics(heart, topics);
    expect(suggested.map(({ slug }) => slug)).toEqual(["heart-failure", "diuretics", "heart"]);
    expect(suggested[0]).toMatchObject({ id: "id heart-failure", count: 3 });
    // "heart failure" is no mention of "heart".
    expect(suggested[2]?.count).toBe(1);
  });

  test("also by synonyms and other forms of a word, and none where none is meant", () => {
    expect(suggestTopics("Water pill. A second water pill.", topics).map(({ slug }) => slug))
      .toEqual(["diuretics"]);
    expect(suggestTopics("Nothing of that kind is here.", topics)).toEqual([]);
    expect(suggestTopics("", topics)).toEqual([]);
    expect(suggestTopics(heart, [])).toEqual([]);
  });

  test("do not depend on the order of the topics", () => {
    expect(suggestTopics(heart, [...topics].reverse())).toEqual(suggestTopics(heart, topics));
  });
});

describe("tags", () => {
  test("are what is said often, as it is written", () => {
    const tags = suggestTags(heart, "en", 4);
    expect(tags[0]).toBe("heart failure");
    expect(tags).toEqual(expect.arrayContaining(["beta blockers", "ejection fraction"]));
    expect(tags).not.toContain("heart");
    expect(suggestTags(heart, "en", 4)).toEqual(tags);
  });

  test("hold no small words of the language", () => {
    const text =
      "Die Niere filtert das Blut. Die Niere ist auch für den Blutdruck da, und das Blut wird auch " +
      "durch die Niere gereinigt.";
    expect(suggestTags(text, "de")).toEqual(["niere", "blut"]);
    expect(suggestTags("", "en")).toEqual([]);
  });
});

describe("the language of a text", () => {
  test.each([
    [
      "en",
      "The heart is a muscle that pumps blood through the vessels of the body, and it is the size of a fist.",
    ],
    [
      "de",
      "Das Herz ist ein Muskel, der das Blut durch die Gefäße des Körpers pumpt, und es ist so groß wie eine Faust.",
    ],
    [
      "fr",
      "Le cœur est un muscle qui pompe le sang dans les vaisseaux du corps, et il est de la taille d'un poing pour un adulte.",
    ],
    [
      "es",
      "El corazón es un músculo que bombea la sangre por los vasos del cuerpo, y es del tamaño de un puño en una persona adulta.",
    ],
    [
      "simple",
      "Сердце это мышца которая качает кровь по сосудам тела и оно размером с кулак у взрослого человека как правило всегда",
    ],
    ["simple", "Aorta, valve."],
  ])("%s", (language, text) => expect(guessLanguage(text)).toBe(language));
});

describe("offsets", () => {
  test("count characters as Postgres does", () => {
    const text = "a🫀b𝒽🫀";
    const points = new CodePoints(text);
    const units = [0, 1, 3, 4, 6, 8];
    expect(units.map((unit) => points.fromUnits(unit))).toEqual([0, 1, 2, 3, 4, 5]);
    expect([0, 1, 2, 3, 4, 5].map((point) => points.toUnits(point))).toEqual(units);
  });
});
