import * as fc from 'fast-check';
import { UnsendableMailError, checkedLetter, compose, escapeHtml, oneLine } from './letter';
import { anyCharacter } from '../../../../test/support/any-character';

const LETTER = { to: 'ada@example.org', subject: 'A subject', text: 't', html: '<p>t</p>' };
const control = fc.constantFrom('\r', '\n', '\r\n', '\0', '\u0085', '\u001b');

describe('a letter', () => {
  it('is refused when a control character is anywhere in its recipient, subject or link', () => {
    fc.assert(
      fc.property(
        fc.string(),
        control,
        fc.string(),
        fc.constantFrom('to' as const, 'subject' as const, 'unsubscribe' as const),
        (before, broken, after, field) => {
          const letter = { ...LETTER, [field]: `a@b${before}${broken}${after}` };
          expect(() => checkedLetter(letter)).toThrow(UnsendableMailError);
        },
      ),
    );
  });

  it('is refused without a recipient or a subject, and with a subject that is too long for a header', () => {
    for (const broken of [{ to: '' }, { to: 'nobody' }, { subject: '' }, { subject: 'x'.repeat(999) }])
      expect(() => checkedLetter({ ...LETTER, ...broken })).toThrow(UnsendableMailError);
    expect(checkedLetter(LETTER)).toBe(LETTER);
  });
});

describe('oneLine', () => {
  it('makes a text fit for a subject, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 400 }), control, (text, broken) => {
        const line = oneLine(`x${text}${broken}${text}`);
        expect(() => checkedLetter({ ...LETTER, subject: line })).not.toThrow();
        expect([...line].length).toBeLessThanOrEqual(120);
      }),
    );
  });
});

describe('compose', () => {
  it('escapes everything in the HTML form, and keeps it in the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.webUrl(), (title, label, link) => {
        const { text, html } = compose([title, { link, label }], 'footer');
        expect(text).toContain(title);
        expect(text).toContain(link);
        const tags = html.replace(/<(\/?(p|html|body|a|br)|!doctype html)( [^<>]*)?>/g, '');
        expect(tags).not.toMatch(/[<>]/);
        expect(html).toContain(`href="${escapeHtml(link)}"`);
      }),
    );
  });
});
