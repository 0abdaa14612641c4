-- Fingerprints of every passage, made by the function that the trigger on the index calls.

alter table qa.fingerprints drop constraint fingerprints_pkey;
drop index qa.fingerprints_source_id_idx;

insert into qa.fingerprint_sources (kind, document_id)
select 'passage', d.id from core.search_documents as d where d.kind = 'passage';

insert into qa.fingerprints (hash, source_id, word_no)
select f.hash, s.id, f.word_no
from qa.fingerprint_sources as s
join core.search_documents as d on d.id = s.document_id
cross join lateral private.qa_fingerprints(d.body) as f;

alter table qa.fingerprints add constraint fingerprints_pkey primary key (hash, source_id, word_no);
create index fingerprints_source_id_idx on qa.fingerprints (source_id);
