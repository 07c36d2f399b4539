/** `ts-node -T bench/rehearsal.ts <file> [example]`: writes what `delivery rehearse --all` prints for an example, by default examples/shop, and says how long it took. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKOUT, prepareExample, prepareShop } from '../test/examples/workspace';

async function main(file: string, example = 'shop'): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'delivery-rehearsal-table-'));
  try {
    const { repository } = example === 'shop' ? await prepareShop({ root }) : await prepareExample(example, { root });
    const began = Date.now();
    const program = join(CHECKOUT, 'assets', 'rehearsal', 'main.cjs');
    writeFileSync(file, execFileSync(process.execPath, [program, 'rehearse', '--all'], { cwd: repository, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
    process.stderr.write(`rehearsal of examples/${example}: ${Math.round((Date.now() - began) / 1000)} s\n`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

main(process.argv[2]!, process.argv[3]).catch((error: Error) => {
  process.stderr.write(`rehearsal: ${error.stack}\n`);
  process.exitCode = 1;
});
