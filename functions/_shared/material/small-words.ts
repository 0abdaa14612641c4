// Words of German, French and Spanish that say nothing about a subject; for English there is a list already.

import { isStopWord } from "../text/stop-words.ts";
import type { Language } from "./types.ts";

/** Without accents, as words are compared. */
const LISTS: Record<"de" | "fr" | "es", string> = {
  de:
    `aber alle allem allen aller alles als also am an andere anderen anderer auch auf aus bei beim bereits bis
da dabei dadurch daher damit dann daran darauf das dass dazu dem den denn der deren des dessen die dies diese
diesem diesen dieser dieses doch dort durch ein eine einem einen einer eines einige er es etwa etwas fur gegen
gibt haben hat hatte hier ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in indem ins ist ja je jede jedem
jeden jeder jedes jedoch kann kein keine keinen konnen konnte man mehr mehrere mit muss mussen nach nicht noch
nur ob oder ohne sehr sein seine seinem seinen seiner seit sich sie sind so sobald sogar solche soll sollen
sollte sondern sowie um und unter vom von vor wann war waren was weil welche welchem welchen welcher welches
wenn wer werden wie wieder wird wo wobei wurde wurden zu zum zur zwischen uber`,
  fr:
    `afin ainsi alors apres au aucun aussi autre autres aux avant avec avoir car ce cela celle celles celui ces
cet cette ceux chaque chez comme comment contre dans de depuis des donc dont du elle elles en encore entre est
et etaient etait etc etre eu fait faut il ils je jusqu la le les leur leurs lors lorsque lui mais meme memes
moins ne ni non nos notre nous on ont ou par parce pas pendant peut peuvent plus plusieurs pour pourquoi quand
que quel quelle quelles quels qui sa sans se selon sera ses si soit son sont sous souvent sur ta tandis tel
telle telles tels tous tout toute toutes tres trop un une vers via vos votre vous deux`,
  es:
    `a al algo alguna algunas alguno algunos ante antes asi aunque bajo bien cada casi como con contra cual
cuales cuando de debe deben del desde despues donde dos durante e el ella ellas ellos en entonces entre era
eran es esa esas ese eso esos esta estan estar estas este esto estos fue fueron ha hacia han hasta hay la las
le les lo los mas mediante menos mientras misma mismo muy ni no nos nosotros o otra otras otro otros para pero
por porque puede pueden pues que quien se segun ser si sido siempre sin sino sobre son su sus tal tambien tan
tanto tiene tienen toda todas todo todos tras un una unas uno unos y ya`,
};
const SETS = Object.fromEntries(
  Object.entries(LISTS).map(([language, words]) => [language, new Set(words.split(/\s+/))]),
);

/** `word` in lower case, without accents. Where no list is known, short words are taken for small ones. */
export const isSmallWord = (word: string, language: Language): boolean =>
  language === "en"
    ? isStopWord(word)
    : word.length < (language === "simple" ? 5 : 3) || (SETS[language]?.has(word) ?? false);
