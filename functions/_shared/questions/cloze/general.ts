// Words that are said of everything: a sentence of nothing else fits many terms, and a term of nothing else is none.

import { stem } from "../../text/stem.ts";

const stemmed = (text: string): Set<string> => new Set(text.trim().split(/\s+/).map(stem));

/** They tell nothing apart. */
export const GENERAL = stemmed(`
rare common serious severe genetic inherited disorder disease condition affect part body people person individual cause
symptom sign type form group many health medical problem child children adult woman women man men year life develop
occur result lead different important main major several various certain usually often known called include including
number world worldwide united states estimated estimate population age percent area case cases time work help high low
higher lower increase decrease risk chance large small big great long short new old good bad normal abnormal use used
treatment treat treated available general term affects specific multiple characterized
development developmental spectrum broad feature range wide particular due occur happen
infection illness worse quick quickly slow slowly sudden suddenly`);

/** Subjects that are no terms: "the main symptom is …". */
export const NO_TERM = stemmed(`
symptom symptoms cause causes treatment treatments goal purpose reason risk factor factors result results type types form forms
kind part parts way step steps problem problems example condition conditions disorder disorders disease diseases patient patients
people person doctor child children test tests exam age amount number chance prevalence incidence diagnosis prognosis
outlook outcome complication complications sign signs body most health care provider surgery therapy study studies
research researchers scientist scientists family families parents mother father baby babies infant infants woman women
man men individual individuals adult adults information evidence mutation mutations change changes gene genes drug drugs medicine
medicines medication medications option options need feature features pattern process method procedure level levels
group groups area areas time years year day days month months week weeks role function mechanism cell cells
effect effects side thing things term terms name word words side stage stages report reports mainstay key best dose
severity onset course frequency inheritance cost feeling pain tissue fluid member experts expert approach aim`);

/** Words before a noun that say nothing of what it is. */
export const LOOSE = stemmed(`
other same new certain large small abnormal normal main different affected rare common severe mild chronic acute most many
some more less early late first second third next last long short high low serious primary secondary
another every each frequent overall either total`);
