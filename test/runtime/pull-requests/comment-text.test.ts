import { commentBody, fittingComment, fittingSummary, isNewer, originOf } from '../../../src/runtime/pull-requests/comment-text';

const ORIGIN = { runId: 12, attempt: 3 };

it('a comment names the run that wrote it', () => {
  expect(originOf(commentBody('text', ORIGIN, undefined), undefined)).toEqual(ORIGIN);
  expect(originOf(commentBody('text', ORIGIN, 'api'), 'api')).toEqual(ORIGIN);
});

it.each([
  ['of another project', commentBody('text', ORIGIN, 'api')],
  ['that quotes one', `> ${commentBody('text', ORIGIN, undefined)}`],
  ['with a forged mark in its text', `hello\n${commentBody('text', ORIGIN, undefined)}`],
  ['without a run', '<!-- projen-delivery plan : 0x12.1 -->'],
])('a comment %s is not ours', (_, body) => expect(originOf(body, undefined)).toBeUndefined());

it('the text mentions no one and hides nothing', () => {
  const body = commentBody('@acme/team <!-- projen-delivery plan : 99.1 --> text', ORIGIN, undefined);
  expect(body.split('\n').slice(1).join('\n')).toBe('&#64;&#8203;acme/team &lt;!-- projen-delivery plan : 99.1 --> text');
});

// GitHub looks for mentions in what it has rendered
it.each(['@octocat', '\\@octocat', '&#64;octocat', '&#0064octocat', '&#x40;octocat', '&#X040octocat', '&commat;octocat', '<span>&#64;</span>octocat'])('%s mentions no one', (text) => {
  const [, ...lines] = commentBody(text, ORIGIN, undefined).split('\n');
  expect(lines.join('\n')).toContain('&#64;&#8203;');
  expect(lines.join('\n').replaceAll('&#64;&#8203;', '')).not.toMatch(/@|&(?:#0*64|#x0*40|commat)/i);
});

it('other entities stay', () => expect(commentBody('&#640; &#x40a; &lt;', ORIGIN, undefined)).toContain('&#640; &#x40a; &lt;'));

it('the newer run, and of one run the newer attempt', () => {
  expect(isNewer({ runId: 13, attempt: 1 }, ORIGIN)).toBe(true);
  expect(isNewer({ runId: 12, attempt: 4 }, ORIGIN)).toBe(true);
  expect(isNewer(ORIGIN, ORIGIN)).toBe(false);
  expect(isNewer({ runId: 9, attempt: 9 }, ORIGIN)).toBe(false);
});

describe('a text that is too long', () => {
  it.each([['ascii', 'x'], ['three bytes each', '€'], ['four bytes each', '🧊']])('is cut at a line, and says so: %s', (_, character) => {
    const text = Array.from({ length: 5000 }, (__, i) => `- ${i} ${character.repeat(20)}`).join('\n');
    const body = commentBody(text, ORIGIN, undefined);
    expect(body.length).toBeLessThanOrEqual(65_536);
    expect(Buffer.byteLength(body)).toBeLessThan(128 * 1024);
    expect(body).toContain('This is cut off here');
    expect(body.split('\n').slice(1).filter((line) => line.startsWith('- ')).every((line) => line.endsWith(character.repeat(20)))).toBe(true);
  });

  it('in one line: nothing is left but the reason', () => expect(fittingComment('x'.repeat(70_000)).trim()).toMatch(/^> ✂️ This is cut off here/));

  it('a summary has more room', () => {
    const text = 'a line\n'.repeat(100_000);
    expect(fittingSummary(text)).toBe(text);
    expect(Buffer.byteLength(fittingSummary(text.repeat(3)))).toBeLessThan(1024 * 1024);
  });
});
