-- The words of the index, by which misspelt ones are corrected, as the scheduled task would have collected them.

insert into core.search_words (language, word)
select l.language, s.word
from (select distinct d.language from core.search_documents as d) as l
cross join lateral ts_stat(format(
  'select d.tsv from core.search_documents as d where d.language = %L and d.visibility in (''public'', ''authenticated'')', l.language
)) as s
where length(s.word) between 3 and 40 and s.word !~ '[^[:alpha:]''’-]';
analyze core.search_words;
