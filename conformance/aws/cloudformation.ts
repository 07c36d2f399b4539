import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AwsContext, AwsMeasurement, until } from './measurement';

const STACK_MS = 300_000;

/** Nothing that costs anything, and nothing that needs a permission beside those of CloudFormation. */
const HANDLE = { Type: 'AWS::CloudFormation::WaitConditionHandle' };
const GOOD = { Description: 'conformance of projen-delivery', Resources: { Handle: HANDLE } };
/** No one signals: it fails after a second. */
const FAILING = { ...GOOD, Resources: { ...GOOD.Resources, Never: { Type: 'AWS::CloudFormation::WaitCondition', Properties: { Handle: { Ref: 'Handle' }, Timeout: '1', Count: 1 } } } };

/** A stack of its own, with an update that fails. */
export const cloudformation: AwsMeasurement = {
  ids: ['cloudformation-template-kept', 'cloudformation-failed-update-restores'],
  measure: async (context) => {
    const stack = (operation: string, ...args: string[]) => context.aws.call('cloudformation', operation, '--stack-name', context.name, ...args);
    const template = async () => (await stack('get-template', '--template-stage', 'Original')).TemplateBody;
    const ended = () => until('the stack', STACK_MS, () => statusOf(stack), (status) => !status.endsWith('_IN_PROGRESS'));
    try {
      await stack('create-stack', '--template-body', file(context, GOOD));
      const created = await ended();
      const kept = isDeepStrictEqual(await template(), GOOD);
      await stack('update-stack', '--template-body', file(context, FAILING));
      const failed = await ended();
      const restored = isDeepStrictEqual(await template(), GOOD);
      return {
        'cloudformation-template-kept': { measured: `${created}, the template is ${kept ? 'the same' : 'another one'}`, holds: created === 'CREATE_COMPLETE' && kept },
        'cloudformation-failed-update-restores': {
          measured: `${failed}, the template is ${restored ? 'the old one' : 'another one'}`, holds: failed === 'UPDATE_ROLLBACK_COMPLETE' && restored,
        },
      };
    } finally {
      await stack('delete-stack');
    }
  },
};

async function statusOf(stack: (operation: string) => Promise<Record<string, unknown>>): Promise<string> {
  const { Stacks: [{ StackStatus }] } = await stack('describe-stacks') as { Stacks: [{ StackStatus: string }] };
  return StackStatus;
}

function file({ folder }: AwsContext, template: unknown): string {
  const path = join(folder, 'template.json');
  writeFileSync(path, JSON.stringify(template));
  return `file://${path}`;
}
