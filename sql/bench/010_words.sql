-- The sizes, and text that is distributed like prose: word number n comes up 1/n as often as the first.

create schema bench;
comment on schema bench is 'Notes of the benchmark loader; never part of a deployment.';

create function bench.size(p_rows integer)
returns integer
language sql
stable
set search_path = ''
as $$ select greatest(20, round(p_rows * current_setting('bench.scale')::numeric))::integer; $$;
comment on function bench.size(integer) is 'How many rows there are of what has p_rows at scale 1.';

-- The same data on every machine.
select setseed(0.42);

create table bench.words (rank integer primary key, word text not null);
comment on table bench.words is 'The vocabulary, most frequent first.';

insert into bench.words (rank, word)
select place, word
from unnest(string_to_array(
  'the of and to a in is it that was for on are as with his they at be this from have or by one had not but what all '
  || 'were when we there can an your which their said if do will each about how up out them then she many some so these '
  || 'would other into has more her two like him see time could no make than first been its who now my over did down only '
  || 'way may after our most such through between where while because both under also here being before those any should',
  ' '
)) with ordinality as u (word, place);

-- Three syllables of twenty-seven: 19,683 words that no stemmer mistakes for one another too often.
insert into bench.words (rank, word)
select
  (select count(*) from bench.words) + row_number() over (order by md5(a.s || b.s || c.s)),
  a.s || b.s || c.s || 'n'
from unnest('{ba,be,bo,ca,ce,co,da,de,do,fa,fe,fo,ga,ge,go,la,le,lo,ma,me,mo,ra,re,ro,ta,te,to}'::text[]) as a (s)
cross join unnest('{ba,bi,bo,ca,ci,co,da,di,do,fa,fi,fo,ga,gi,go,la,li,lo,ma,mi,mo,ra,ri,ro,ta,ti,to}'::text[]) as b (s)
cross join unnest('{bar,bel,bor,car,cel,cor,dar,del,dor,far,fel,for,gar,gel,gor,lar,lel,lor,mar,mel,mor,rar,rel,ror,tar,tel,tor}'::text[]) as c (s);

create function bench.make_texts(p_count integer, p_least integer, p_most integer)
returns table (n integer, body text)
language sql
volatile
set search_path = ''
as $$
  with lengths as materialized (
    select s.n, p_least + floor(random() * (p_most - p_least + 1))::integer as words
    from generate_series(1, p_count) as s (n)
  ),
  picks as materialized (
    select l.n, p.place, floor(exp(random() * ln((select max(w.rank) from bench.words as w))))::integer as rank
    from lengths as l
    cross join lateral generate_series(1, l.words) as p (place)
  )
  select p.n, string_agg(w.word, ' ' order by p.place)
  from picks as p
  join bench.words as w on w.rank = p.rank
  group by p.n;
$$;
comment on function bench.make_texts(integer, integer, integer) is 'So many texts of so many words, numbered from 1.';
