import { checkAwsRegion } from '../../src/validation/aws-name';

/** Where the assumptions about AWS are measured. */
export interface AwsAccount {
  /** The role that the job assumes. */
  readonly role: string;
  readonly region: string;
  /** The execution role of the function that is created. */
  readonly functionRole: string;
}

const OPTIONS = { '--aws-role': 'role', '--aws-region': 'region', '--aws-function-role': 'functionRole' } as const;
const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

/** The account that the options name; undefined without any of them. Throws if they are incomplete or wrong. */
export function accountOf(valueOf: (option: string) => string | undefined): AwsAccount | undefined {
  const given = Object.fromEntries(Object.entries(OPTIONS).map(([option, field]) => [field, valueOf(option)])) as Partial<AwsAccount>;
  const { functionRole, region, role } = given;
  if (role === undefined && region === undefined && functionRole === undefined) return undefined;
  if (role === undefined || region === undefined || functionRole === undefined) {
    throw new Error(`${Object.keys(OPTIONS).join(', ')} belong together: give all of them, or none.`);
  }
  checkRole('--aws-role', role);
  checkRole('--aws-function-role', functionRole);
  checkAwsRegion('--aws-region', region);
  return { role, region, functionRole };
}

function checkRole(option: string, role: string): void {
  if (!ROLE.test(role)) throw new Error(`${option}: '${role}' is not the ARN of a role. Use for example arn:aws:iam::111122223333:role/conformance.`);
}
