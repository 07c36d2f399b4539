import { LineCutter } from '../../../src/runtime/processes/line-cutter';

function cut(chunks: Buffer[], secrets: string[] = []): string[] {
  const lines: string[] = [];
  const cutter = new LineCutter({ onLine: (line) => lines.push(line), secrets });
  chunks.forEach((chunk) => cutter.write(chunk));
  cutter.end();
  return lines;
}

const byteByByte = (text: string) => [...Buffer.from(text)].map((byte) => Buffer.from([byte]));

describe('a stream of bytes', () => {
  const text = 'one\ntwo\r\nthree\rfour\n\n\r\n€ und 🙂\nlast';
  const lines = ['one', 'two', 'three', 'four', '', '', '€ und 🙂', 'last'];

  test('is cut into lines at \\n, \\r\\n and \\r', () => {
    expect(cut([Buffer.from(text)])).toEqual(lines);
  });

  test('is cut the same wherever its chunks end', () => {
    expect(cut(byteByByte(text))).toEqual(lines);
    for (let at = 1; at < Buffer.byteLength(text); at++) {
      expect(cut([Buffer.from(text).subarray(0, at), Buffer.from(text).subarray(at)])).toEqual(lines);
    }
  });

  test('that ends in the middle of a character shows that something was there', () => {
    expect(cut([Buffer.from([0x61, 0xe2, 0x82])])).toEqual(['a\ufffd']);
  });

  test('without an end gives nothing but its lines: no empty one at the end', () => {
    expect(cut([Buffer.from('a\n')])).toEqual(['a']);
    expect(cut([])).toEqual([]);
  });
});

describe('a line that is too long', () => {
  test('comes in pieces, before it has ended: memory stays bounded', () => {
    const lines: string[] = [];
    const cutter = new LineCutter({ onLine: (line) => lines.push(line) });
    for (let i = 0; i < 100; i++) cutter.write(Buffer.alloc(1000, 'x'));
    expect(lines.join('').length).toBeGreaterThan(90_000);
    expect(Math.max(...lines.map((line) => line.length))).toBe(8192);
  });

  test('is never cut within a character', () => {
    const pieces = cut([Buffer.from(`x${'🙂'.repeat(9000)}`)]);
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) expect(piece).not.toMatch(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/);
  });

  test.each(['all at once', 'byte by byte', 'with a line break behind it'])('shows no half of a secret, wherever it is cut: %s', (how) => {
    const secret = 'correct horse battery staple';
    for (let before = 8192 - 40; before <= 8192; before++) {
      const text = `${'x'.repeat(before)}${secret}${'y'.repeat(9000)}`;
      const chunks = how === 'byte by byte' ? [Buffer.from('x'.repeat(before)), ...byteByByte(secret), Buffer.from('y'.repeat(9000))] : [Buffer.from(text)];
      if (how === 'with a line break behind it') chunks.push(Buffer.from('\n'));
      expect(cut(chunks, ['other', secret]).join('')).toBe(`${'x'.repeat(before)}***${'y'.repeat(9000)}`);
    }
  });

  test('hides a secret that is longer than a piece', () => {
    const secret = 'abcdefghij'.repeat(2000);
    expect(cut([Buffer.from(`${'x'.repeat(5000)}${secret}${'y'.repeat(30000)}`)], [secret]).join('')).toBe(`${'x'.repeat(5000)}***${'y'.repeat(30000)}`);
  });
});
