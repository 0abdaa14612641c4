// Files as Moodle and people write them.
import { describe, expect, it } from "vitest";
import { readGift } from "../../../functions/_shared/question-formats/gift-read.ts";
import { writeGift } from "../../../functions/_shared/question-formats/gift-write.ts";
import { plainItem } from "./samples.ts";

const first = (text: string) => readGift(text).items[0]?.item;
const problems = (text: string) => readGift(text).problems.map(({ line, code }) => [line, code]);

describe("Moodle's own examples", () => {
  it("multiple choice, with feedback", () => {
    const item = first(`// question: 1 name: Grants tomb
::Grants tomb::Who is buried in Grant's tomb in New York City? {
=Grant
~No one
#Was true for 12 years, but Grant's remains were buried in the tomb in 1897
~Napoleon
#He was buried in France
~Mother Teresa
#She was buried in India
}`);
    expect(item).toMatchObject({
      question_type: "single_choice",
      vignette: "Who is buried in Grant's tomb in New York City?",
      options: [
        { text: "Grant", is_correct: true, rationale: "" },
        { text: "No one", is_correct: false, rationale: /^Was true/ },
        { text: "Napoleon", rationale: "He was buried in France" },
        { text: "Mother Teresa" },
      ].map((option) =>
        option.rationale instanceof RegExp
          ? { ...option, rationale: expect.stringMatching(option.rationale) as unknown }
          : option
      ),
    });
  });

  it("several right ones, with weights", () => {
    const { items, warnings } = readGift(`What two people are entombed in Grant's tomb? {
   ~%-100%No one
   ~%50%Grant
   ~%50%Grant's wife
   ~%-100%Grant's father
}`);
    expect(items[0]?.item).toMatchObject({
      question_type: "multiple_choice",
      options: [{ is_correct: false }, { is_correct: true }, { is_correct: true }, {
        is_correct: false,
      }],
    });
    expect(warnings).toEqual([]);
  });

  it("a missing word", () => {
    expect(first("Grant is {~buried =entombed ~living} in Grant's tomb.")?.vignette)
      .toBe("Grant is _____ in Grant's tomb.");
  });

  it("true or false, with its two feedbacks", () => {
    expect(first("Grant was buried in a tomb in New York City.{T}")?.options).toMatchObject([
      { text: "True", is_correct: true },
      { text: "False", is_correct: false },
    ]);
    expect(first("The sun rises in the West.{FALSE#No, in the East#Right}")?.options).toEqual([
      { text: "True", is_correct: false, rationale: "No, in the East" },
      { text: "False", is_correct: true, rationale: "Right" },
    ]);
  });

  it("general feedback, and a format", () => {
    expect(
      first(
        "[html]<p>Mahatma Gandhi's birthday is an Indian holiday on {\n~15th\n~3rd\n=2nd\n####<p>It is &#8220;2nd&#8221;</p>\n} of October.</p>",
      ),
    )
      .toMatchObject({
        vignette: "Mahatma Gandhi's birthday is an Indian holiday on _____ of October.",
        explanation: { correct_explanation: "It is “2nd”" },
      });
  });

  it("escaped letters", () => {
    expect(first("Which answer equals 5? {\n~ \\= 2 + 2\n= \\= 2 + 3\n~ \\= 2 + 4\n}")?.options[1])
      .toEqual({ text: "= 2 + 3", is_correct: true, rationale: "" });
    expect(
      first("::GIFT\\: control::Which sign starts a comment? {=\\~ ~\\# is \\{not\\} }")?.options,
    )
      .toMatchObject([{ text: "~" }, { text: "# is {not}" }]);
  });
});

describe("what is refused, by its line", () => {
  it.each([
    ["Write an essay.{}", "type_unsupported"],
    ["When?{#1822:5}", "type_unsupported"],
    ["Who?{=no one =nobody}", "type_unsupported"],
    ["Match.{=Canada -> Ottawa =Italy -> Rome}", "type_unsupported"],
    ["Only a text.", "type_unsupported"],
    ["Who?{=a ~b", "gift_malformed"],
    ["Who?}=a ~b{", "gift_malformed"],
    ["Who?{=a =b ~c}", "gift_several_right"],
  ])("%j: %s", (text, code) => {
    expect(problems(`// one\n\n\n${text}\n`)).toEqual([[4, code]]);
  });
});

describe("what is not kept is named", () => {
  it.each([
    ["Who?{=a ~%50%b ~c}", "weight_ignored"],
    ["Who?{~%70%a ~%30%b ~c}", "weight_ignored"],
    ['[html]<img src="x.png" alt="a heart">Who?{=a ~b}', "media_dropped"],
  ])("%j: %s", (text, code) => {
    expect(readGift(text).warnings).toMatchObject([{ line: 1, code }]);
  });
});

it("reads categories and comments over, and tags that it wrote", () => {
  const text = `$CATEGORY: $course$/top/Default

// [id:x] [tag:topic:heart] [tag:subtopic:a \\] b]
// [tag:difficulty:hard] [tag:other:x]
::Name::Who?{=a ~b}
`;
  expect(first(text)).toMatchObject({ topic: "heart", subtopic: "a ] b", difficulty: "hard" });
  expect(readGift(text).items.length).toBe(1);
});

it("takes no tag of one question for the next", () => {
  const { items } = readGift("// [tag:topic:heart]\nWho?{=a ~b}\n\nWhat?{=a ~b}");
  expect(items.map(({ item }) => item.topic)).toEqual(["heart", undefined]);
});

it("writes as Moodle reads it", () => {
  const item = plainItem({
    id: "00000000-0000-4000-8000-000000000001",
    topic: "heart",
    vignette: "a {b} = c: #1\nnext",
  });
  expect(writeGift([item, { ...plainItem(), question_type: "multiple_choice" }])).toBe(
    `$CATEGORY: $course$/top/Lyceum/heart

// [id:00000000-0000-4000-8000-000000000001] [tag:topic:heart] [tag:difficulty:easy]
::a \\{b\\} \\= c\\: \\#1 next::[plain]a \\{b\\} \\= c\\: \\#1\\nnext{
=Four#Two of each.
~Two#Of a fish.
~Three
####Two atria, two ventricles.\\n\\nReferences\\:\\n- Gray\\n- [plain-missing]`.replace(
      "- [plain-missing]",
      "- [Web](https\\://example.org/a)\n}\n",
    ) + `
$CATEGORY: $course$/top/Lyceum

// [tag:difficulty:easy]
::How many chambers has the heart?::[plain]How many chambers has the heart?{
~%100%Four#Two of each.
~%-100%Two#Of a fish.
~%-100%Three
####Two atria, two ventricles.\\n\\nReferences\\:\\n- Gray\\n- [Web](https\\://example.org/a)
}
`,
  );
});
