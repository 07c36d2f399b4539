import { invalid, show } from './validation-error';

/** Checks the name of an AWS region. It may be a region that AWS adds later. */
export function checkAwsRegion(option: string, region: string | undefined): void {
  const fix = 'Write the region as AWS does, for example \'eu-central-1\'';
  if (region === undefined) invalid(option, 'it is missing', fix);
  if (typeof region !== 'string' || !/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(region)) invalid(option, `${show(region)} is not the name of a region`, fix);
}
