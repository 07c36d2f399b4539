import { AssemblyStack, readJson } from './cloud-assembly';
import { CloudFormationApi, StackPlace } from './cloudformation-api';
import { DeploymentOutputs } from '../../../contract/deployment-outputs';
import { isObject } from '../../../runtime/json-value';

/** The stacks to read outputs from: the deployed ones, and others that the environment names an output of. */
export function placesWithOutputs(deployed: readonly StackPlace[], needed: readonly string[], region: string | undefined): StackPlace[] {
  const others = [...new Set(needed.map(stackOf))].filter((name) => !deployed.some(({ stackName }) => stackName === name));
  return [...deployed, ...others.map((stackName) => ({ stackName, region }))];
}

/** Reads the outputs of the stacks. A stack that does not exist has none. */
export async function outputsOf(api: CloudFormationApi, places: readonly StackPlace[]): Promise<DeploymentOutputs> {
  const found: Record<string, string> = {};
  for (const place of places) {
    for (const [key, value] of Object.entries(await api.outputs(place))) found[`${place.stackName}.${key}`] = value;
  }
  return found;
}

/** The first output that the templates of an assembly lack; undefined if they have all of their stacks. */
export async function lackingOutput(assembly: string, stacks: readonly AssemblyStack[], needed: readonly string[]): Promise<string | undefined> {
  for (const { stackName, templateFile } of stacks) {
    const names = needed.filter((name) => stackOf(name) === stackName);
    if (names.length === 0) continue;
    const template = await readJson(assembly, templateFile);
    const outputs = isObject(template) && isObject(template.Outputs) ? template.Outputs : {};
    const lacking = names.find((name) => !Object.hasOwn(outputs, name.slice(stackName.length + 1)));
    if (lacking !== undefined) {
      const known = Object.keys(outputs).map((key) => `${stackName}.${key}`).slice(0, 10).join(', ');
      return `the stack ${stackName} has no output ${lacking.slice(stackName.length + 1)}${known === '' ? '' : ` (it has ${known})`}`;
    }
  }
  return undefined;
}

function stackOf(name: string): string {
  return name.slice(0, name.indexOf('.'));
}
