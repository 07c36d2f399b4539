import { invalid, show } from './validation-error';

/** How AWS names a kind of resource. */
export interface AwsNameRule {
  readonly pattern: RegExp;
  /** What the value is if it is valid: `the name of an alias (letters, digits, - and _)`. */
  readonly meaning: string;
  readonly example: string;
  /** Which ARNs contain the name, in their first group. */
  readonly arn: RegExp;
}

/** The name of a function of AWS Lambda. */
export const FUNCTION_NAME: AwsNameRule = {
  pattern: /^[\w-]{1,64}$/,
  meaning: 'the name of a function (letters, digits, - and _)',
  example: 'shop',
  arn: /:function:([\w-]+)(?::[\w$-]+)?$/,
};

/** The name of an alias of a function. */
export const ALIAS_NAME: AwsNameRule = {
  pattern: /^(?!\d+$)[\w-]{1,128}$/,
  meaning: 'the name of an alias (letters, digits, - and _, and no number of a version)',
  example: 'live',
  arn: /:function:[\w-]+:([\w-]+)$/,
};

/** A name in Amazon ECS. */
export function ecsName(what: string, example: string): AwsNameRule {
  return { pattern: /^[\w-]{1,255}$/, meaning: `the name of ${what} (letters, digits, - and _)`, example, arn: /:service\/(?:[\w-]+\/)?([\w-]+)$/ };
}

/** Where AWS keeps what an ARN names. */
export interface ArnPlace {
  readonly account: string;
  readonly region: string;
}

/** The account and the region of an ARN; undefined for a name. */
export function placeOfArn(arn: string): ArnPlace | undefined {
  const [, region, account] = /^arn:[\w-]+:[\w-]+:([\w-]+):(\d{12}):/.exec(arn) ?? [];
  return account === undefined ? undefined : { account, region: region! };
}

/** Checks the name or id of a resource of AWS. An ARN is the most likely mistake. */
export function checkAwsName(option: string, value: unknown, { arn, example, meaning, pattern }: AwsNameRule): void {
  if (typeof value === 'string' && pattern.test(value)) return;
  const fix = `Write it as AWS does, for example '${example}'`;
  if (value === undefined) invalid(option, 'it is missing', fix);
  const [, name] = typeof value === 'string' && value.startsWith('arn:') ? arn.exec(value) ?? [] : [];
  if (name !== undefined && pattern.test(name)) invalid(option, `${show(value)} is an ARN`, `Write only '${name}'`);
  invalid(option, `${show(value)} is not ${meaning}`, fix);
}

/** Checks the id of an AWS account. As a number it loses its leading zeros. */
export function checkAwsAccount(option: string, account: unknown): void {
  if (typeof account === 'string' && /^\d{12}$/.test(account)) return;
  invalid(option, `${show(account)} is not the id of an account`, 'Write its 12 digits in quotes, for example \'123456789012\'');
}

/** Checks the name of an AWS region. It may be a region that AWS adds later. */
export function checkAwsRegion(option: string, region: string | undefined): void {
  const fix = 'Write the region as AWS does, for example \'eu-central-1\'';
  if (region === undefined) invalid(option, 'it is missing', fix);
  if (typeof region !== 'string' || !/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(region)) invalid(option, `${show(region)} is not the name of a region`, fix);
}
