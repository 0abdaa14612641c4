-- What reading and review give to the layers below: job types, settings, scheduled tasks, how long things are kept.

insert into ops.job_types (job_type, queue, max_attempts, lease_seconds, description) values
  ('timetable.read', 'ocr', 3, 300, 'Read the pages of a document. Taken by OCR workers over the API, answered through the callback.'),
  ('timetable.structure', 'default', 5, 180, 'Make blocks of the pages of a document, and judge them.');

insert into core.settings (key, value, description) values
  ('timetable.accept_confidence', '0.97', 'A block at least this sure (0–1) is accepted without a person.'),
  ('timetable.submit_burst', '20', 'Documents that one person may hand in at once.'),
  ('timetable.submit_per_second', '0.01', 'How fast that allowance grows again.'),
  ('timetable.review_minutes', '30', 'How long a reviewer holds a document; extending begins this time again.'),
  ('timetable.max_review_periods', '4', 'For how many such periods a reviewer may hold one document.'),
  ('timetable.max_held_reviews', '3', 'Documents that a reviewer may hold at once.'),
  ('timetable.max_opinions', '6', 'Reviews that one reading of a document may have, second opinions and reopenings included.'),
  ('timetable.max_corrections', '1000', 'Corrections that are kept of one layout.'),
  ('timetable.review_raise_hours', '24', 'After so many hours of waiting a review becomes more urgent by one step.'),
  ('timetable.correction_min_seen', '1', 'How often a correction must have been made before the next document of its layout gets it.');

insert into ops.scheduled_tasks (name, command, every) values
  ('timetable_expire_reviews', 'private.timetable_expire_reviews', interval '1 minute'),
  ('timetable_rescue_stranded', 'private.timetable_rescue_stranded', interval '1 minute'),
  ('timetable_raise_reviews', 'private.timetable_raise_reviews', interval '10 minutes');

insert into ops.retention_policies (name, table_schema, table_name, time_column, keep, action, description) values
  ('timetable.ocr_pages', 'timetable', 'ocr_pages', 'created_at', '90 days', 'delete', 'What was read on pages; the blocks stay.'),
  ('timetable.extraction_cells', 'timetable', 'extraction_cells', 'created_at', '90 days', 'delete', 'Cells that were read.'),
  ('timetable.callback_nonces', 'timetable', 'callback_nonces', 'received_at', '1 hour', 'delete', 'Signatures that are too old to be sent again.');
