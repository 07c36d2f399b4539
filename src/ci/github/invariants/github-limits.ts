import { invalid } from '../../../validation/validation-error';
import { GITHUB_RULES } from '../github-rules';

const { expressionCharacters, workflowBytes, workflowInputs } = GITHUB_RULES.limits;

const WAY_OUT = 'Split the environments among the deliveries of several subprojects, or several repositories';

/** @param option the workflow in messages */
export function checkFileSize(option: string, path: string, bytes: number, environments: number): void {
  if (bytes <= workflowBytes) return;
  invalid(option, `with ${environments} environments the file ${path} has ${bytes} bytes, and GitHub starts no workflow of more than ${workflowBytes}`, WAY_OUT);
}

/** @param where the expression in messages */
export function checkExpression(option: string, where: string, text: string, environments: number): void {
  if (text.length <= expressionCharacters) return;
  invalid(option, `with ${environments} environments ${where} has ${text.length} characters, and GitHub reads ${expressionCharacters}`,
    `${WAY_OUT}, or give them shorter names and addresses`);
}

export function checkInputs(option: string, inputs: object | undefined): void {
  const count = Object.keys(inputs ?? {}).length;
  if (count > workflowInputs) {
    invalid(option, `its workflow_dispatch has ${count} inputs, and GitHub takes ${workflowInputs}`, 'Remove some, or use Workflow.own()');
  }
}

/** Rejects characters that projen writes unescaped, and that YAML parsers such as GitHub's treat as line ends or drop. */
export function checkCharacters(option: string, path: string, text: string): void {
  const found = /[\x85\u2028\u2029\ufeff]/.exec(text)?.[0];
  if (found === undefined) return;
  const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  const line = text.slice(0, text.indexOf(found)).split('\n').length;
  invalid(option, `line ${line} of ${path} has the character U+${code}, which readers of YAML may take for the end of a line`, 'Take it out');
}
