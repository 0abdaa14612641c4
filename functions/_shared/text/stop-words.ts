// English words that say nothing about a subject. Negations and quantities stay out of this list where
// they change the meaning of a term ("left", "right", "more", "less" are ordinary words).

const WORDS = `
a about above after again against ago all almost along already also although always am among an and any
anyone anything are aren't around as at away back be because been before being below between both but by
can can't cannot come comes could couldn't did didn't do does doesn't doing don't done down during each
either else etc even ever every exactly few find first for from further gave get gets getting give given
gives giving go goes going gone got had hadn't has hasn't have haven't having he hence her here hers herself
him himself his how however i i'd i'll i'm i've if in into is isn't it it's its itself just keep know known
let let's like likely made make makes making many may maybe me might mine much must my myself need needs
neither never no nor not nothing now of off often on once one only onto or other others otherwise our ours
ourselves out over own per perhaps please put quite rather really s said same say says see seen seem seems
several shall she should shouldn't show since so some someone something sometimes somewhere soon still such
sure take taken takes tell than thank thanks that that's the their theirs them themselves then there there's
therefore these they they're thing things this those though through thus to together too toward towards t
under until up upon us use used uses using usually very via want wants was wasn't way ways we we're well went
were weren't what what's whatever when whenever where whereas wherever whether which while who whom whose why
will with within without won't would wouldn't yes yet you you're your yours yourself yourselves anybody
everybody everyone nobody somebody into onto itself
`;

const STOP_WORDS: ReadonlySet<string> = new Set(WORDS.trim().split(/\s+/));

export const isStopWord = (word: string): boolean =>
  STOP_WORDS.has(word) || (word.length === 1 && !/\p{N}/u.test(word));
