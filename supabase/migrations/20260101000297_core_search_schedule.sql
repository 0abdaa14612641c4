-- The clock of the list of words that misspelt queries are corrected by.

insert into ops.scheduled_tasks (name, command, every, description) values
  ('core_collect_search_words', 'private.collect_search_words', '1 minute',
   'Takes the words of new documents, and drops those that no document has any longer.');
