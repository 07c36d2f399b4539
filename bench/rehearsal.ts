/** `ts-node -T bench/rehearsal.ts <file>`: writes what `delivery rehearse --all` prints for examples/shop. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT, prepareShop } from '../test/examples/workspace';

async function main(file: string): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'delivery-rehearsal-table-'));
  try {
    const { repository } = await prepareShop({ root });
    const program = join(CHECKOUT, 'assets', 'rehearsal', 'main.cjs');
    writeFileSync(file, execFileSync(process.execPath, [program, 'rehearse', '--all'], { cwd: repository, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

main(process.argv[2]!).catch((error: Error) => {
  process.stderr.write(`rehearsal: ${error.stack}\n`);
  process.exitCode = 1;
});
