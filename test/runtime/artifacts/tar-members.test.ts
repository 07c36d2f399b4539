import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTarMembers, TarMember } from '../../../src/runtime/artifacts/tar-members';
import { entryOf, pax, tarOf } from '../tars';

it.each(['ustar', 'pax', 'gnu'])('reads the sizes of files in a tar of the format %s', async (format) => {
  const folder = mkdtempSync(join(tmpdir(), 'delivery-tar-'));
  writeFileSync(join(folder, 'empty'), '');
  writeFileSync(join(folder, 'page.html'), 'x'.repeat(1_234));
  execFileSync('tar', [`--format=${format}`, '-cf', 'site.tar', 'empty', 'page.html'], { cwd: folder });
  expect(await readTarMembers(join(folder, 'site.tar'))).toEqual([{ name: 'empty', size: 0, type: 'file' }, { name: 'page.html', size: 1_234, type: 'file' }]);
  rmSync(folder, { recursive: true });
});

describe('a size that the field of a header does not say', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'delivery-tar-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function membersOf(bytes: Buffer): Promise<TarMember[]> {
    const file = join(folder, 'made.tar');
    writeFileSync(file, bytes);
    const members = await readTarMembers(file);
    // tar is who unpacks it: both must see the same
    const listed = execFileSync('tar', ['-tvf', file], { encoding: 'utf8' }).trim().split('\n').map((line) => line.split(/\s+/));
    expect(members.map(({ name, size }) => [String(size), name])).toEqual(listed.map((fields) => [fields[2], fields[5]]));
    return members;
  }

  it('is that of the pax header before it, and what follows is read from there', async () => {
    const content = Buffer.alloc(1024, 'x');
    const bytes = Buffer.concat([
      entryOf({ name: 'PaxHeader', type: 'x', content: pax('size', '600') }), entryOf({ name: 'long' }), content, tarOf([{ name: 'next', content: 'abc' }]),
    ]);
    expect(await membersOf(bytes)).toEqual([{ name: 'long', size: 600, type: 'file' }, { name: 'next', size: 3, type: 'file' }]);
  });

  it('shows what a file hides that a pax header calls empty', async () => {
    const hidden = String(entryOf({ name: 'hidden' }));
    const bytes = tarOf([{ name: 'PaxHeader', type: 'x', content: pax('size', '0') }, { name: 'empty', content: hidden }]);
    expect(await membersOf(bytes)).toEqual([{ name: 'empty', size: 0, type: 'file' }, { name: 'hidden', size: 0, type: 'file' }]);
  });

  it('is a number of base 256 for large files', async () => {
    const header = entryOf({ name: 'large' });
    header.fill(0, 124, 136);
    header[124] = 0x80;
    header.writeUInt32BE(600, 132);
    header.write(' '.repeat(8), 148);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    expect(await membersOf(Buffer.concat([header, Buffer.alloc(1024, 'x'), tarOf([{ name: 'next' }])]))).toEqual([
      { name: 'large', size: 600, type: 'file' }, { name: 'next', size: 0, type: 'file' },
    ]);
  });
});
