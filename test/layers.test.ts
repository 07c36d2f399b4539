/** The lint rules for the layers of docs/architecture.md: each of them rejects a planted violation. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Linter } from 'eslint';
import { LegacyESLint } from 'eslint/use-at-your-own-risk';
import { cycles } from '../bench/structure';

const ROOT = join(__dirname, '..');

/** Only the rules of src: they need no types, so each file is parsed alone. */
const { overrides, parser, plugins, settings } = JSON.parse(readFileSync(join(ROOT, '.eslintrc.json'), 'utf8').replace(/^\/\/.*\n/, '')) as Linter.LegacyConfig & {
  overrides: { rules: Linter.RulesRecord }[];
};
const OPTIONS = { useEslintrc: false, overrideConfig: { overrides, parser: require.resolve(parser!), parserOptions: { sourceType: 'module' as const }, plugins, settings } };
const eslint = new LegacyESLint({ ...OPTIONS, cwd: ROOT });

/** The errors in a file of src with this text. */
async function errorsIn(file: string, text: string): Promise<string[]> {
  const [{ messages }] = await eslint.lintText(text, { filePath: join(ROOT, 'src', file) });
  return messages.filter(({ severity }) => severity === 2).map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

async function errorsOfImport(file: string, path: string): Promise<string[]> {
  // the rule says nothing about a file that does not exist
  expect(existsSync(join(ROOT, 'src', dirname(file), `${path}.ts`))).toBe(true);
  return errorsIn(file, `import '${path}';\n`);
}

test.each([
  ['runtime/commands/planted.ts', '../../validation/duration', 'The runtime shares nothing but the contract with synthesis.'],
  ['runtime/planted.ts', '../delivery/delivery', 'The runtime shares nothing but the contract with synthesis.'],
  ['delivery/planted.ts', '../runtime/errors', 'Synthesis shares nothing but the contract with the runtime.'],
  ['runtime/commands/planted.ts', '../../engines/ecs/target', 'The runtime shares nothing but the contract with synthesis.'],
  ['engines/ecs/runtime/planted.ts', '../target', 'The runtime shares nothing but the contract with synthesis.'],
  ['engines/ecs/runtime/planted.ts', '../../../validation/duration', 'The runtime shares nothing but the contract with synthesis.'],
  ['engines/ecs/planted.ts', './runtime/ecs-api', 'Synthesis shares nothing but the contract with the runtime.'],
  ['engines/ecs/planted.ts', '../../runtime/errors', 'Synthesis shares nothing but the contract with the runtime.'],
  ['delivery/planted.ts', '../engines/ecs/runtime/ecs-api', 'Synthesis shares nothing but the contract with the runtime.'],
  ['runtime/deployment/planted.ts', '../../engines/ecs/runtime/ecs-api', 'The runtime knows drivers by their interface only.'],
  ['engines/ecs/runtime/planted.ts', '../../lambda/runtime/lambda-steps', 'An engine knows no other engine: what several share has a folder of its own.'],
  ['engines/ecs/planted.ts', '../lambda/target', 'An engine knows no other engine: what several share has a folder of its own.'],
  ['engines/aws/runtime/planted.ts', '../../lambda/runtime/lambda-steps', 'An engine knows no other engine: what several share has a folder of its own.'],
  ['planted.ts', './runtime/errors', 'Synthesis shares nothing but the contract with the runtime.'],
  ['contract/planted.ts', '../validation/duration', 'The contract depends on nothing.'],
  ['contract/planted.ts', '../engines/ecs/target', 'The contract depends on nothing.'],
  ['contract/planted.ts', '../engines/ecs/runtime/ecs-api', 'The contract depends on nothing.'],
  ['delivery/planted.ts', '../ci/github/pins', 'Only src/ci knows GitHub: use the CiSystem interface.'],
  ['planted.ts', './ci/github/pins', 'Only src/ci knows GitHub: use the CiSystem interface.'],
  ['runtime/ledger/planted.ts', '../ci/github/api', 'Only src/runtime/ci knows GitHub: use the CiRuntime interface.'],
  ['runtime/planted.ts', './ci/github/api', 'Only src/runtime/ci knows GitHub: use the CiRuntime interface.'],
  ['health-checks/planted.ts', '../monitoring/exports/exports', 'Exports are a product of their own.'],
  ['runtime/deployment/planted.ts', '../status-page/page', 'The status page is a product of its own.'],
])('src/%s cannot import %s', async (file, path, message) => {
  expect(await errorsOfImport(file, path)).toEqual([expect.stringMatching(`^import/no-restricted-paths: .*${message}$`)]);
});

test.each([
  ['runtime/planted.ts', './errors'],
  ['runtime/targets/planted.ts', '../../engines/ecs/runtime/ecs-driver'],
  ['runtime/deployment/planted.ts', '../../engines/ecs/manifest'],
  ['contract/planted.ts', '../engines/servers/slots-manifest'],
  ['engines/ecs/planted.ts', '../../targets/target-binding'],
  ['engines/ecs/planted.ts', './manifest'],
  ['engines/ecs/runtime/planted.ts', '../manifest'],
  ['engines/ecs/runtime/planted.ts', '../../aws/runtime/lambda-api'],
  ['engines/ecs/runtime/planted.ts', '../../../runtime/errors'],
  ['engines/ecs/runtime/planted.ts', '../../../contract/manifest'],
  ['engines/ecs/planted.ts', '../../validation/duration'],
  ['runtime/planted.ts', '../contract/manifest'],
  ['delivery/planted.ts', '../contract/manifest'],
  ['ci/planted.ts', './github/pins'],
  ['runtime/ci/planted.ts', './github/api'],
  ['monitoring/planted.ts', './exports/exports'],
  ['runtime/commands/planted.ts', '../status-page/page'],
])('src/%s can import %s', async (file, path) => {
  expect(await errorsOfImport(file, path)).toEqual([]);
});

test('files cannot import each other', async () => {
  // the rule reads the files from the disk
  const folder = mkdtempSync(join(tmpdir(), 'layers-'));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'tsconfig.json'), '{}');
  writeFileSync(join(folder, 'src/one.ts'), "import { two } from './two';\n\nexport const one = () => two;\n");
  writeFileSync(join(folder, 'src/two.ts'), "import { one } from './one';\n\nexport const two = () => one;\n");
  const planted = new LegacyESLint({ ...OPTIONS, cwd: folder, resolvePluginsRelativeTo: ROOT });
  const results = await planted.lintFiles('src/**/*.ts');
  rmSync(folder, { recursive: true });
  expect(results.flatMap(({ messages }) => messages)).toEqual([1, 2].map(() => expect.objectContaining({ ruleId: 'import/no-cycle', severity: 2 })));
});

test('no files import each other, not even for types', () => {
  expect(cycles()).toEqual([]);
});

test('only src/ci can import the workflows of projen', async () => {
  const text = 'import { github } from \'projen\';\n\nexport const workflow = github.GithubWorkflow;\n';
  expect(await errorsIn('delivery/planted.ts', text)).toEqual([expect.stringMatching('^no-restricted-imports: .*Only src/ci knows GitHub')]);
  expect(await errorsIn('ci/planted.ts', text)).toEqual([]);
});

test('no file has more than 350 lines', async () => {
  const [{ messages }] = await eslint.lintText('export {};\n'.repeat(351), { filePath: join(ROOT, 'src/contract/planted.ts') });
  expect(messages).toMatchObject([{ ruleId: 'max-lines', severity: 1 }]);
});
