// Puts stiff wording into plain words, by a table. Quotations, markers and numbers are not touched.

const TABLE: [stiff: string, plain: string][] = [
  ["a large number of", "many"],
  ["a majority of", "most"],
  ["a sufficient amount of", "enough"],
  ["accordingly", "so"],
  ["additionally", "also"],
  ["adjacent to", "next to"],
  ["approximately", "about"],
  ["are able to", "can"],
  ["are capable of producing", "can produce"],
  ["as a consequence", "so"],
  ["as a consequence of", "because of"],
  ["at the present time", "now"],
  ["at this point in time", "now"],
  ["by means of", "by"],
  ["by virtue of", "by"],
  ["commence", "start"],
  ["commences", "starts"],
  ["comprises", "includes"],
  ["consequently", "so"],
  ["despite the fact that", "although"],
  ["due to the fact that", "because"],
  ["during the course of", "during"],
  ["facilitate", "help"],
  ["facilitates", "helps"],
  ["for the purpose of", "for"],
  ["for the reason that", "because"],
  ["furthermore", "also"],
  ["has the ability to", "can"],
  ["have the ability to", "can"],
  ["in addition to", "besides"],
  ["in close proximity to", "near"],
  ["in conjunction with", "with"],
  ["in order that", "so that"],
  ["in order to", "to"],
  ["in proximity to", "near"],
  ["in spite of", "despite"],
  ["in such a manner that", "so that"],
  ["in the absence of", "without"],
  ["in the event that", "if"],
  ["in the majority of cases", "mostly"],
  ["in the process of", "while"],
  ["in the vicinity of", "near"],
  ["initiate", "start"],
  ["initiated", "started"],
  ["initiates", "starts"],
  ["is able to", "can"],
  ["is capable of producing", "can produce"],
  ["it is important to note that", ""],
  ["it should be noted that", ""],
  ["moreover", "also"],
  ["nevertheless", "even so"],
  ["nonetheless", "even so"],
  ["on account of", "because of"],
  ["on the basis of", "from"],
  ["owing to the fact that", "because"],
  ["permits", "lets"],
  ["possesses", "has"],
  ["prior to", "before"],
  ["subsequent to", "after"],
  ["subsequently", "then"],
  ["sufficient", "enough"],
  ["terminates", "ends"],
  ["the majority of", "most"],
  ["thereby", "so"],
  ["utilise", "use"],
  ["utilised", "used"],
  ["utilises", "uses"],
  ["utilization", "use"],
  ["utilize", "use"],
  ["utilized", "used"],
  ["utilizes", "uses"],
  ["via", "through"],
  ["whilst", "while"],
  ["with regard to", "about"],
  ["with respect to", "about"],
  ["with the exception of", "except"],
];

// These change how many negations a text has, so the check would refuse them.
const USABLE = TABLE.filter(([stiff]) => stiff !== "in the absence of");

const PATTERN = new RegExp(
  `\\b(${USABLE.map(([stiff]) => stiff).sort((a, b) => b.length - a.length).join("|")})\\b(,?)( ?)`,
  "gi",
);
const PLAIN = new Map(USABLE);
const QUOTATION = /(“[^”]*”|"[^"\n]*"|«[^»]*»)/;

const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export interface PlainText {
  text: string;
  changes: string[];
}

export const toPlainWords = (text: string): PlainText => {
  const changes = new Set<string>();
  const replaceIn = (part: string): string =>
    part.replace(PATTERN, (_whole, stiff: string, comma: string, space: string) => {
      const plain = PLAIN.get(stiff.toLowerCase()) ?? stiff;
      const startsUpper = /^[A-Z]/.test(stiff);
      changes.add(
        plain === ""
          ? `“${stiff.toLowerCase()}” left out`
          : `“${stiff.toLowerCase()}” → “${plain}”`,
      );
      if (plain === "") return startsUpper ? "\ue000" : "";
      return `${startsUpper ? capitalise(plain) : plain}${comma}${space}`;
    }).replace(/\ue000(.?)/g, (_whole, next: string) => next.toUpperCase());
  const rewritten = text.split(QUOTATION).map((part, i) => (i % 2 === 1 ? part : replaceIn(part)))
    .join("");
  return { text: rewritten, changes: [...changes] };
};
