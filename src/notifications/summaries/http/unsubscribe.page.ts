const page = (title: string, body: string) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body style="font-family:system-ui,sans-serif;max-width:36em;margin:4em auto;padding:0 1em">
<h1>${title}</h1>
${body}
</body>
</html>
`;

/** Asks before it stops the mails: programs that check links in mails open them, too. */
export const ASK_PAGE = page(
  'Stop weekly summaries?',
  '<p>You get no more summaries by mail. You can switch them on again in your settings.</p>\n<form method="post"><button type="submit">Stop weekly summaries</button></form>',
);

export const STOPPED_PAGE = page(
  'Weekly summaries are stopped',
  '<p>You get no more summaries by mail. You can switch them on again in your settings.</p>',
);
