-- What social gives to the layers below: the tables to audit, what belongs to a person's data, and how long things are kept.
-- Its job types, tasks and settings stand with what they steer.

-- Texts that people wrote never enter the audit, only that they changed: it must outlive them without naming them. Counters
-- are not looked at: else every vote were an audited change of a post, and every message one of a room.
select private.audit_table('social.categories');
select private.audit_table('social.posts', array['title', 'content'],
  p_unaudited_columns => array['likes_count', 'dislikes_count', 'comments_count']);
select private.audit_table('social.comments', array['content'],
  p_unaudited_columns => array['likes_count', 'dislikes_count', 'replies_count']);
select private.audit_table('social.questions', array['title', 'content'],
  p_unaudited_columns => array['likes_count', 'dislikes_count', 'answers_count', 'views_count']);
select private.audit_table('social.answers', array['content'],
  p_unaudited_columns => array['likes_count', 'dislikes_count']);
select private.audit_table('social.ai_answers', array['answer_text'],
  p_unaudited_columns => array['ratings_count', 'ratings_sum']);
select private.audit_table('social.resources', array['title', 'description', 'file_name', 'rejected_reason'],
  p_unaudited_columns => array['downloads_count']);
select private.audit_table('social.chat_rooms', array['name', 'description', 'direct_key'],
  p_unaudited_columns => array[
    'last_seq', 'last_message_at', 'last_message_id', 'last_message_type', 'last_message_preview', 'members_count', 'channel_no'
  ]);
select private.audit_table('social.chat_room_participants',
  p_unaudited_columns => array['last_read_seq', 'last_read_at', 'muted_until']);
select private.audit_table('social.chat_room_bans');

insert into ops.privacy_sources (table_schema, table_name, user_column, description) values
  ('social', 'posts', 'author_id', 'Posts, drafts too.'),
  ('social', 'comments', 'author_id', 'Comments.'),
  ('social', 'questions', 'author_id', 'Questions to the community.'),
  ('social', 'answers', 'author_id', 'Answers to the community.'),
  ('private', 'social_export_versions', 'user_id', 'What texts said before they were changed.'),
  ('social', 'ai_answers', 'requested_by', 'AI answers asked for.'),
  ('social', 'ai_answer_ratings', 'user_id', 'Ratings of AI answers.'),
  ('social', 'votes', 'user_id', 'Votes.'),
  ('social', 'reactions', 'user_id', 'Reactions.'),
  ('social', 'bookmarks', 'user_id', 'Bookmarks and the notes on them.'),
  ('social', 'mentions', 'user_id', 'Where the person was named.'),
  ('social', 'followers', 'follower_id', 'People followed.'),
  ('social', 'topic_followers', 'user_id', 'Topics followed.'),
  ('social', 'profile_stats', 'user_id', 'The numbers of the profile page.'),
  ('social', 'resources', 'author_id', 'Resources shared.'),
  ('social', 'resource_downloads', 'user_id', 'Resources downloaded.'),
  ('social', 'chat_room_participants', 'user_id', 'Chat rooms he is in.'),
  ('social', 'chat_rooms', 'created_by', 'Chat rooms he opened.'),
  ('social', 'chat_room_bans', 'user_id', 'Chat rooms he was removed from.');
insert into ops.privacy_sources (table_schema, table_name, user_column, columns, description) values
  ('social', 'chat_messages', 'sender_id', array['room_id', 'seq', 'content', 'message_type', 'data', 'created_at', 'edited_at'],
   'Chat messages he wrote.');

-- Feeds have no index on published_at alone: a sweep of the table is cheaper than one more index on every write.
insert into ops.retention_policies (name, table_schema, table_name, time_column, keep, action, batch_size, description) values
  ('social_feed_entries', 'social', 'feed_entries', 'published_at', '180 days', 'delete', 50000, 'Old entries of feeds.'),
  ('social_chat_message_versions', 'social', 'chat_message_versions', 'created_at', '90 days', 'delete', 5000,
   'What messages said before they were changed.'),
  ('social_resource_downloads', 'social', 'resource_downloads', 'created_at', '13 months', 'delete', 5000,
   'Who downloaded what on which day.');
