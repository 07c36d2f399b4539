/** What synthesis does with outputs that only a deployment knows. */
import { Project } from 'projen';
import { HealthCheck, Login, MonitorExport, StackOutput, Strategy, Target, TargetBinding, TargetCapability, TargetCommand, Trigger } from '../../../src';
import { deliver, environment, plainProject, synthesize } from '../../test-project';

class Terraform extends Target {
  constructor(private readonly capabilities: TargetCapability[] = [TargetCapability.OUTPUTS]) {
    super();
  }

  public bind(): TargetBinding {
    return { commands: { deploy: TargetCommand.line('./apply.sh') }, capabilities: this.capabilities };
  }
}

const api = StackOutput.of('Api', 'Url');
type Changes = Parameters<typeof environment>[1];

function synthesized(changes: Changes, others: ReturnType<typeof environment>[] = [], project: Project = plainProject()) {
  const production = environment('production', {
    trigger: Trigger.branch('main'), target: new Terraform(), url: `${api}`, healthChecks: [HealthCheck.http(`${api}/health?full=1`)], variables: { API: `${api}` }, ...changes,
  });
  deliver(project, { environments: [production, ...others] });
  return synthesize(project);
}

it('composes into URLs and variables', () => {
  expect(`${StackOutput.of('prod-Api', 'Url')}/health`).toBe('{output:prod-Api.Url}/health');
});

it('stands in the manifest, which lists what a deployment must bring', () => {
  const [{ healthChecks, outputs, url, variables }] = synthesized({ variables: { API: `${api}`, TABLE: StackOutput.of('Data', 'Table').toString() } }).manifest.environments;
  expect([url, variables.API, outputs]).toEqual(['{output:Api.Url}', '{output:Api.Url}', { names: ['Api.Url', 'Data.Table'] }]);
  expect([healthChecks[0].url, healthChecks[0].name]).toEqual(['{output:Api.Url}/health?full=1', 'Api.Url/health']);
});

it('the URL of the GitHub environment comes from the step that deploys, and the job has the outputs', () => {
  const found = synthesized({});
  const { deploy } = found;
  const { environment: where, outputs } = deploy.jobs.deploy_production;
  expect(where).toEqual({ name: 'production', url: '${{ steps.deploy.outputs.url }}', deployment: false });
  expect(outputs).toEqual({
    state: '${{ steps.deploy.outputs.state }}', url: '${{ steps.deploy.outputs.url }}', outputs: '${{ steps.deploy.outputs.outputs }}',
  });
  expect(deploy.jobs.rollback_production.environment).toMatchObject({ url: '${{ steps.rollback.outputs.url }}' });
  expect(found.workflow('rollback').jobs.rollback.environment).toMatchObject({ url: '${{ steps.rollback.outputs.url }}' });
});

it('where one workflow serves several environments, those whose URL is known keep it', () => {
  const found = synthesized({}, [environment('staging', { trigger: Trigger.manual(), url: 'https://staging.example.com' })]);
  expect(found.workflow('rollback').jobs.rollback.environment).toMatchObject({
    url: '${{ steps.rollback.outputs.url || fromJSON(\'{"staging":"https://staging.example.com"}\')[inputs.environment] }}',
  });
});

it('a target without outputs has no such job outputs', () => {
  const { deploy } = synthesized({ target: Target.commands({ deploy: './ship.sh' }), url: 'https://x.example.com', healthChecks: [], variables: {} });
  expect(Object.keys(deploy.jobs.deploy_production.outputs ?? {})).toEqual(['state']);
});

it('blue/green with a candidate URL does not compare it with a URL that is not known', () => {
  class Slots extends Target {
    public bind(): TargetBinding {
      return {
        commands: { deploy: TargetCommand.line('./apply.sh'), promote: TargetCommand.line('./switch.sh') },
        capabilities: [TargetCapability.OUTPUTS, TargetCapability.SLOTS],
      };
    }
  }
  expect(() => synthesized({ target: new Slots(), strategy: Strategy.blueGreen({ candidateUrl: 'https://{slot}.example.com' }) })).not.toThrow();
});

it.each<[string, Changes, string]>([
  ['a target without outputs', { target: Target.commands({ deploy: './ship.sh' }) }, 'environment \'production\' target: it has no outputs, and \'{output:Api.Url}\' needs one. Use a target with outputs'],
  ['a placeholder that is not well-formed', { url: '{output:Api}' }, 'environment \'production\' url: \'{output:Api}\' is not the placeholder of an output. Write `${StackOutput.of'],
  ['one in a variable', { variables: { API: 'x{OUTPUT:Api.Url}' } }, 'environment \'production\' variables API: \'{OUTPUT:Api.Url}\' is not the placeholder of an output'],
  ['a URL that is plain http around an output', { url: `http://${api}/` }, 'is plain http'],
  ['an output as the control URL', { controlUrl: `${api}` }, 'environment \'production\' controlUrl: \'{output:Api.Url}\' is not a URL'],
])('%s fails at synthesis', (_, changes, message) => {
  expect(() => synthesized(changes)).toThrow(message);
});

it.each<[string, () => unknown, string]>([
  ['a stack with a slash', () => StackOutput.of('Prod/Api', 'Url'), 'StackOutput.of stack: \'Prod/Api\' is not the name of a stack. Write it as CloudFormation shows it'],
  ['no stack', () => StackOutput.of(undefined as never, 'Url'), 'StackOutput.of stack: undefined is not the name of a stack'],
  ['a key with a dash', () => StackOutput.of('Api', 'Site-Url'), 'StackOutput.of key: \'Site-Url\' is not the key of an output: it has letters and digits only'],
  ['a TCP check', () => HealthCheck.tcp(`${api}:443`), 'HealthCheck.tcp'],
])('%s is rejected', (_, act, message) => {
  expect(act).toThrow(message);
});

it.each([MonitorExport.gatus(), MonitorExport.blackbox(), MonitorExport.argoAnalysis()])('an export cannot know the URL', (exported) => {
  const project = plainProject();
  const act = () => {
    deliver(project, {
      environments: [environment('production', { trigger: Trigger.branch('main'), target: new Terraform(), healthChecks: [HealthCheck.http(`${api}/health`)] })],
      monitoring: { schedule: false, exports: [exported] },
    });
    return synthesize(project);
  };
  expect(act).toThrow('\'production\' has a URL that is known only after a deployment (the output Api.Url)');
});

describe('the plan of Target.awsCdk shows what CloudFormation would change', () => {
  const production = (login?: Login) => {
    const project = plainProject();
    const own = { trigger: Trigger.branch('main'), target: Target.awsCdk({ app: 'cdk.out', stacks: ['shop'], buildTask: 'ship' }), login, monitorEnvironment: login && 'production-monitor' };
    deliver(project, { environments: [environment('production', own)] });
    return synthesize(project).deploy.jobs.environment_production;
  };
  const roles = { role: 'arn:aws:iam::123456789012:role/deploy', region: 'eu-central-1' };

  it('after the build, if the job is signed in', () => {
    expect(production(Login.aws({ ...roles, readRole: 'arn:aws:iam::123456789012:role/read' })).needs).toEqual('build');
  });

  it.each([undefined, Login.aws(roles)])('beside the build, if it is not', (login) => {
    expect(production(login).needs).toBeUndefined();
  });
});
