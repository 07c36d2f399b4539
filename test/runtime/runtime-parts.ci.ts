/** What synthesis leaves out of the runtime is named nowhere else in it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Linter } from 'eslint';
import { RuntimeParts, withParts } from '../../src/files/runtime-parts';

const ASSETS = join(__dirname, '../../assets');
const BUNDLE = readFileSync(join(ASSETS, 'delivery.cjs'), 'utf8');
const PARTS = JSON.parse(readFileSync(join(ASSETS, 'delivery-parts.json'), 'utf8')) as RuntimeParts;

/** `navigator` is looked for, and `options` is a slip of yauzl's. */
const GLOBALS = { navigator: false, options: false };

function undefinedIn(text: string): string[] {
  const config = { env: { es2022: true, node: true }, globals: GLOBALS, parserOptions: { ecmaVersion: 2022 as const }, rules: { 'no-undef': 2 as const } };
  return new Linter({ configType: 'eslintrc' }).verify(text, config, { allowInlineConfig: false }).map(({ message }) => message);
}

it('without any part, each name is defined', () => {
  expect(undefinedIn(withParts(BUNDLE, PARTS, new Set()))).toEqual([]);
});

it('the check sees a part that others need', () => {
  const { awsCdk } = PARTS;
  const broken = withParts(BUNDLE, { awsCdk: { ...awsCdk!, files: [...awsCdk!.files, 'src/runtime/aws/aws-cli.ts'] } }, new Set());
  expect(undefinedIn(broken)).toContain('\'AwsCli\' is not defined.');
});
