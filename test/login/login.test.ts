import { AwsLoginOptions, Duration, Login, NamedEnvironment } from '../../src';
import { deliver, environment, plainProject, synthesize } from '../test-project';

const ROLE = 'arn:aws:iam::111122223333:role/deploy';
const READER = 'arn:aws:iam::111122223333:role/teams/shop/read';
const REGION = 'eu-central-1';

function errorOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

function delivered(login: Login, rest: Partial<NamedEnvironment> = {}) {
  const project = plainProject();
  deliver(project, { environments: [environment('staging', { login, ...rest })] });
  return project;
}

describe('Login.aws rejects', () => {
  it.each<[string, unknown, string]>([
    ['no role', { region: REGION }, 'Login.aws role: it is missing. Write the ARN of an IAM role, for example \'arn:aws:iam::111122223333:role/deploy\''],
    ['the name of a role', { role: 'deploy', region: REGION }, 'Login.aws role: \'deploy\' is not the ARN of a role. '],
    ['the ARN of a user', { role: 'arn:aws:iam::111122223333:user/deploy', region: REGION }, 'is not the ARN of a role. '],
    ['an account of 11 digits', { role: 'arn:aws:iam::11112222333:role/deploy', region: REGION }, 'is not the ARN of a role. '],
    ['an ARN with a second line', { role: `${ROLE}\n`, region: REGION }, 'is not the ARN of a role. '],
    ['a shell line', { role: 'arn:aws:iam::111122223333:role/a;id', region: REGION }, 'is not the ARN of a role. '],
    ['an expression', { role: '${{ vars.ROLE }}', region: REGION }, 'Login.aws role: \'${{ vars.ROLE }}\' is an expression, and the trust policy cannot be made from it. '],
    ['another value', { role: 5, region: REGION }, 'Login.aws role: 5 is not the ARN of a role. '],
    ['no region', { role: ROLE }, 'Login.aws region: it is missing. Write the region as AWS does, for example \'eu-central-1\''],
    ['a zone', { role: ROLE, region: 'eu-central-1a' }, 'Login.aws region: \'eu-central-1a\' is not the name of a region. '],
    ['a region of another partition', { role: ROLE, region: 'cn-north-1' }, 'Login.aws region: \'cn-north-1\' is in another partition of AWS than the role'],
    ['a reading role of another partition', { role: ROLE, readRole: 'arn:aws-cn:iam::111122223333:role/read', region: REGION }, 'is in another partition of AWS than the role \'arn:aws-cn'],
    ['a reading role of another account', { role: ROLE, readRole: 'arn:aws:iam::999988887777:role/read', region: REGION },
      'Login.aws readRole: it is of the account 999988887777, and role of 111122223333, so its jobs would read another account. Name roles of one account'],
    ['a reading role that deploys', { role: ROLE, readRole: ROLE, region: REGION }, 'Login.aws readRole: it is the role that deploys, '],
    ['a reading role that is none', { role: ROLE, readRole: 'read', region: REGION }, 'Login.aws readRole: \'read\' is not the ARN of a role. '],
    ['a planning role that deploys', { role: ROLE, planRole: ROLE, region: REGION }, 'Login.aws planRole: it is the role that deploys, '],
    ['a planning role that only reads', { role: ROLE, readRole: READER, planRole: READER, region: REGION }, 'Login.aws planRole: it is the role that only reads, '],
    ['a planning role of another partition', { role: ROLE, planRole: 'arn:aws-us-gov:iam::111122223333:role/plan', region: REGION }, 'is in another partition of AWS than the role \'arn:aws-us-gov'],
    ['a planning role that is none', { role: ROLE, planRole: 'plan', region: REGION }, 'Login.aws planRole: \'plan\' is not the ARN of a role. '],
    ['a short session', { role: ROLE, region: REGION, sessionDuration: Duration.minutes(14) }, 'Login.aws sessionDuration: 14 min is not a session that AWS gives. Set 15 minutes to 12 hours'],
    ['a long session', { role: ROLE, region: REGION, sessionDuration: Duration.hours(13) }, 'Login.aws sessionDuration: 13 h is not a session that AWS gives. '],
    ['half a second', { role: ROLE, region: REGION, sessionDuration: Duration.millis(7_200_500) }, 'is not a number of whole seconds. Write Duration.seconds(7201)'],
    ['a number', { role: ROLE, region: REGION, sessionDuration: 3600 }, 'Login.aws sessionDuration: 3600 is not a Duration. Write Duration.seconds(3600)'],
    ['an unknown option', { role: ROLE, region: REGION, duration: 1 }, 'Login.aws duration: there is no such option. '],
  ])('%s', (_, options, expected) => {
    expect(errorOf(() => Login.aws(options as AwsLoginOptions))).toContain(expected);
  });
});

describe('an environment rejects', () => {
  it('what is no Login', () => {
    expect(errorOf(() => delivered(ROLE as unknown as Login))).toContain(`environment 'staging' login: '${ROLE}' is not a Login. Write Login.aws({ role: `);
    expect(errorOf(() => delivered(null as unknown as Login))).toContain('environment \'staging\' login: null is not a Login. ');
  });

  it('a reading role for jobs without an environment', () => {
    expect(errorOf(() => delivered(Login.aws({ role: ROLE, readRole: READER, region: REGION })))).toBe(
      'environment \'staging\' login readRole: the plan and monitor jobs have no environment, and a role that trusts them would trust every job of the branch. '
      + 'Make an unprotected GitHub environment, and name it: monitorEnvironment: \'staging-monitor\'',
    );
  });
});

describe('the manifest', () => {
  it('has the roles, with the environments that they must trust', () => {
    const login = Login.aws({ role: ROLE, readRole: READER, region: REGION });
    const { manifest } = synthesize(delivered(login, { rollbackEnvironment: 'staging-back', monitorEnvironment: 'staging-look' }));
    expect(manifest.environments[0].login).toEqual({
      kind: 'aws',
      region: REGION,
      roles: [
        { arn: ROLE, sessionMs: 3_600_000, environments: ['staging', 'staging-back'] },
        { arn: READER, sessionMs: 3_600_000, environments: ['staging-look'] },
      ],
    });
  });
});

describe('synthesis', () => {
  it('names the command that prints the trust policies, once', () => {
    const project = delivered(Login.aws({ role: ROLE, region: REGION }));
    const said: string[] = [];
    project.logger.info = (...text) => void said.push(text.join(' '));
    synthesize(project);
    expect(said.filter((text) => text.includes('delivery trust'))).toEqual([
      expect.stringMatching(/^projen-delivery: the roles of Login\.aws must trust the jobs\. This prints their trust policies: npx projen(@\S+)? delivery trust$/),
    ]);
  });

  it('says nothing of it where nothing signs in', () => {
    const project = plainProject();
    deliver(project);
    const said: string[] = [];
    project.logger.info = (...text) => void said.push(text.join(' '));
    synthesize(project);
    expect(said.filter((text) => text.includes('trust'))).toEqual([]);
  });
});
