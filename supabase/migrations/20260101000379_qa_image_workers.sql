-- Pictures in questions are read while an OCR worker is there: its calls switch the job type on and off. A question that
-- comes when there is none goes on at once without that text, and its expert sees the picture.

update ops.job_types set
  follows_workers = true,
  description =
    'Read the text in an image of a question. Payload: question_id, file_id, bucket_id, path. Enabled while an OCR worker calls in.'
where job_type = 'ocr.read_image';
