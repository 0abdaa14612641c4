-- The first topics: biology and medicine, with the names by which people look for them.
-- Before the accounts, because experts are verified for topics. Running the file again changes nothing.

insert into core.topics (id, parent_id, slug, name, description)
select md5('lyceum:topic:' || t.slug)::uuid, md5('lyceum:topic:' || t.parent)::uuid, t.slug, t.name, t.description
from (values
  (1, 'biology', null, 'Biology', 'Life and how it works, from molecules to ecosystems.'),
  (2, 'cell-biology', 'biology', 'Cell biology', 'Membranes, organelles, transport and division.'),
  (3, 'genetics', 'biology', 'Genetics', 'Genes, inheritance and their expression.'),
  (4, 'human-physiology', 'biology', 'Human physiology', 'How the organs of the human body work, and work together.'),
  (5, 'cardiovascular-system', 'human-physiology', 'Cardiovascular system', 'The heart, the vessels and the blood pressure.'),
  (6, 'renal-system', 'human-physiology', 'Renal system', 'The kidneys: filtration, water, salt and acid.'),
  (7, 'respiratory-system', 'human-physiology', 'Respiratory system', 'The lungs, breathing and gas exchange.'),
  (8, 'nervous-system', 'human-physiology', 'Nervous system', 'Neurones, the brain and the senses.'),
  (9, 'endocrine-system', 'human-physiology', 'Endocrine system', 'Hormones and the glands that release them.'),
  (10, 'digestive-system', 'human-physiology', 'Digestive system', 'From the mouth to the bowel, with liver and pancreas.'),
  (11, 'immune-system', 'human-physiology', 'Immune system', 'Defence against what does not belong.'),
  (12, 'medicine', null, 'Medicine', 'Health, disease and treatment.'),
  (13, 'pharmacology', 'medicine', 'Pharmacology', 'Drugs and what they do in the body.'),
  (14, 'pathology', 'medicine', 'Pathology', 'How diseases come about.')
) as t (n, slug, parent, name, description)
order by t.n
on conflict (slug) do nothing;

insert into core.topic_synonyms (topic_id, synonym)
select private.topic_by_slug(s.slug), s.synonym
from (values
  ('cardiovascular-system', 'heart'),
  ('cardiovascular-system', 'circulation'),
  ('cardiovascular-system', 'circulatory-system'),
  ('cardiovascular-system', 'cardiology'),
  ('cardiovascular-system', 'blood-pressure'),
  ('renal-system', 'kidney'),
  ('renal-system', 'kidneys'),
  ('renal-system', 'nephrology'),
  ('renal-system', 'urinary-system'),
  ('respiratory-system', 'lungs'),
  ('respiratory-system', 'breathing'),
  ('nervous-system', 'brain'),
  ('nervous-system', 'neuroscience'),
  ('endocrine-system', 'hormones'),
  ('digestive-system', 'gut'),
  ('digestive-system', 'digestion'),
  ('immune-system', 'immunology'),
  ('human-physiology', 'physiology'),
  ('pharmacology', 'drugs'),
  ('cell-biology', 'cytology')
) as s (slug, synonym)
on conflict (synonym) do nothing;
