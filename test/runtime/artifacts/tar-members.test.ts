import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTarMembers } from '../../../src/runtime/artifacts/tar-members';

it.each(['ustar', 'pax', 'gnu'])('reads the sizes of files in a tar of the format %s', async (format) => {
  const folder = mkdtempSync(join(tmpdir(), 'delivery-tar-'));
  writeFileSync(join(folder, 'empty'), '');
  writeFileSync(join(folder, 'page.html'), 'x'.repeat(1_234));
  execFileSync('tar', [`--format=${format}`, '-cf', 'site.tar', 'empty', 'page.html'], { cwd: folder });
  expect(await readTarMembers(join(folder, 'site.tar'))).toEqual([{ name: 'empty', size: 0, type: 'file' }, { name: 'page.html', size: 1_234, type: 'file' }]);
  rmSync(folder, { recursive: true });
});
