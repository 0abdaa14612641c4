-- Originality: a copied, a patch-written and an independent text against the same source.
begin;
select tests.share_temporaries();
select plan(13);

create temp table source as select tests.qa_passage('Filtration',
  'The glomerular capillaries filter about one hundred and eighty litres of plasma every day. '
  'Three layers stand between the blood and the urinary space: a fenestrated endothelium, a basement membrane '
  'that carries negative charges, and the slit diaphragms between the foot processes of the podocytes. '
  'Molecules larger than albumin hardly pass, and negatively charged ones pass less easily than neutral ones.') as id;

create temp table texts (name text, body text);
insert into texts values
('copied',
  'The glomerular capillaries filter about one hundred and eighty litres of plasma every day. '
  'Three layers stand between the blood and the urinary space: a fenestrated endothelium, a basement membrane '
  'that carries negative charges, and the slit diaphragms between the foot processes of the podocytes.'),
('patched',
  'In humans the glomerular capillaries filter about one hundred and eighty litres of plasma daily. '
  'Between blood and urinary space there are three layers: a fenestrated endothelium, a basement membrane '
  'that carries negative charge, and finally diaphragms that bridge the foot processes of the podocytes.'),
('independent',
  'Each day the kidneys press an enormous volume of fluid out of the bloodstream, many times the whole plasma. '
  'Size and electric charge decide what gets through: small neutral particles slip across with ease, '
  'whereas proteins are held back by the sieve that endothelial cells, matrix and podocytes build together.');

create function pg_temp.score(p_name text, p_cited uuid[] default '{}') returns numeric language sql as $$
  select o.originality_score from texts t, private.qa_originality(t.body, null, p_cited) o where t.name = p_name;
$$;

select cmp_ok(pg_temp.score('copied'), '<', 0.1, 'a copy is hardly original');
select cmp_ok(pg_temp.score('patched'), '<', 0.8, 'a patch-written text is noticed');
select cmp_ok(pg_temp.score('patched'), '>', pg_temp.score('copied'), 'and is not the same as a copy');
select is(pg_temp.score('independent'), 1.0000, 'an independent text on the same subject is original');
select is(pg_temp.score('copied', array[(select id from source)]), 1.0000, 'what is quoted with its source is not held against it');

create temp table found as
select m.value from texts t, private.qa_originality(t.body, null, '{}') o, jsonb_array_elements(o.matches) m where t.name = 'patched';
select is((select count(*)::integer from found), 1, 'the source is named');
select is((select value ->> 'title' from found), 'Filtration', 'by its title');
select ok((select value -> 'passages' ->> 0 like '%glomerular capillaries filter about one hundred and eighty litres%' from found),
  'with the passage that overlaps');
select ok((select (value ->> 'score')::numeric between 0.2 and 0.9 from found), 'and its share');

select is((select count(*)::integer from private.qa_fingerprints('only three words')), 0, 'too short to judge has no fingerprints');
select is((select count(*)::integer from private.qa_fingerprints('')), 0, 'nor has nothing');
select is(
  (select array_agg(hash order by hash) from private.qa_fingerprints('The HEART, [1] pumps blood; through the body every minute!')),
  (select array_agg(hash order by hash) from private.qa_fingerprints('the heart pumps blood through the body every minute')),
  'case, punctuation and citation markers make no difference');

-- A source that changes takes its fingerprints along; one that goes leaves none.
select private.index_document('study', 'passage', md5('tests:Filtration')::uuid, 'Filtration', 'Something else is written here now, entirely.');
select is(pg_temp.score('copied'), 1.0000, 'the fingerprints follow the source');

select * from finish();
rollback;
