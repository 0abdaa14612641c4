-- What people write: one gate for every text that a client sends.
-- Plain text only. A frontend may render what comes out of the database without fear, because markup never got in.

create function private.contains_markup(p_text text)
returns boolean
language sql
immutable
security invoker
set search_path = ''
as $$
  -- Known tag names: "if x<y and z>w" is a fair question in mathematics. Browsers read on over a second "<" to the end
  -- of the first tag, and run the attributes of tags that they do not know: the next two look for that.
  select p_text ~* '<\s*/?\s*(a|abbr|applet|article|aside|audio|b|base|blink|body|br|button|canvas|details|dialog|div|embed|fieldset|font|footer|form|frame|frameset|h[1-6]|head|header|hr|html|i|iframe|image|img|input|isindex|keygen|layer|li|link|main|map|marquee|math|meta|nav|noscript|object|ol|option|p|param|picture|pre|script|section|select|slot|source|span|style|summary|svg|table|tbody|td|template|textarea|th|title|tr|track|u|ul|video)(\s[^<>]*|/[^<>]*)?(>|$)'
      or p_text ~* '<\s*(audio|base|embed|form|iframe|image|img|input|link|math|meta|object|script|source|style|svg|video)[\s/][^>]*>'
      or p_text ~* '<\s*[a-z][^>]*[\s/"''](on[a-z]{3,}|src|srcdoc|srcset|href|xlink:href|formaction)\s*='
      or p_text ~* '<(!--|!doctype|\?xml|\?php)'
      or p_text ~* '(javascript|vbscript)\s*:|data\s*:\s*text/html';
$$;
comment on function private.contains_markup(text) is
  'True when the text holds HTML, a script link or an XML prologue. Comparison signs alone are no markup.';

create function private.plain_text(p_text text)
returns text
language sql
immutable
security invoker
set search_path = ''
as $$
  select btrim(
    regexp_replace(
      regexp_replace(normalize(coalesce(p_text, ''), nfc), '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]', '', 'g'),
      '\r\n?', E'\n', 'g'
    ),
    E' \t\n\u00a0\u200b\ufeff'
  );
$$;
comment on function private.plain_text(text) is
  'The text in NFC, without control characters, with plain line ends, trimmed. What machines read takes this; what people send goes through private.clean_text.';

create function private.clean_text(p_value text, p_field text, p_min integer, p_max integer)
returns text
language plpgsql
immutable
security invoker
set search_path = ''
as $$
declare
  v_text text;
begin
  -- Length first: nothing that is far too long reaches a regular expression.
  if length(p_value) > p_max then
    raise sqlstate 'PT422' using
      message = 'text_too_long',
      detail = format('%s has %s characters; at most %s are taken.', p_field, length(p_value), p_max),
      hint = 'Shorten it.';
  end if;
  -- What makes a reader see letters in another order than they stand; marks that Arabic and Hebrew need stay.
  v_text := regexp_replace(private.plain_text(p_value), '[\u202d\u202e]', '', 'g');
  -- Characters that nobody sees are no text, however many.
  if length(v_text) < p_min
    or (p_min > 0 and v_text !~ '[^\s\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]')
  then
    raise sqlstate 'PT422' using
      message = 'text_required',
      detail = format('%s needs at least %s characters.', p_field, p_min),
      hint = 'Write it in plain words.';
  end if;
  if private.contains_markup(v_text) then
    raise sqlstate 'PT422' using
      message = 'markup_not_allowed',
      detail = format('%s holds HTML or a script.', p_field),
      hint = 'Send plain text.';
  end if;
  return v_text;
end;
$$;
comment on function private.clean_text(text, text, integer, integer) is
  'Returns the text normalised (NFC, no control characters, nothing that turns its order round, trimmed), or raises text_required, text_too_long or markup_not_allowed (422). p_field names the field in the detail.';

revoke execute on function
  private.contains_markup(text), private.plain_text(text), private.clean_text(text, text, integer, integer)
  from public, anon, authenticated;
