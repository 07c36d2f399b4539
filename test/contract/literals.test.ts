/** What both halves know is written once, in src/contract: neither half spells it by itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { OPTION } from '../../src/contract/command-line';
import * as variables from '../../src/contract/environment-variables';
import { JOB } from '../../src/contract/jobs';
import * as outputs from '../../src/contract/outputs';
import { INPUT } from '../../src/contract/workflows';

const SRC = join(__dirname, '../../src');

/** A word of the language (`release`, `state`) has other uses: only what is unmistakable can be looked for. */
const NAMES = [OPTION, JOB, INPUT, outputs, ...Object.values(variables).filter((one) => typeof one === 'object')]
  .flatMap((table) => Object.values(table).flat() as string[])
  .filter((name) => /[-_]/.test(name) && name !== variables.VARIABLE_PREFIX);

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return path === join(SRC, 'contract') ? [] : filesIn(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

/** Names and whole texts in the code; what a comment or a message for people says does not count. */
function wordsOf(path: string): string[] {
  const words: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) words.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022));
  return words;
}

test('there is something to look for', () => {
  expect(NAMES).toEqual(expect.arrayContaining(['DELIVERY_ARTIFACT_ID', 'DELIVERY_INPUT_REASON', 'DEPLOY_ENV', 'from-deployment', 'from_deployment', 'completed_attempt', 'delivery_release']));
});

test('no file outside the contract spells a name that both halves know', () => {
  const found = filesIn(SRC).flatMap((path) => wordsOf(path).filter((word) => NAMES.includes(word)).map((word) => `${path.slice(SRC.length + 1)}: ${word}`));
  expect(found).toEqual([]);
});
