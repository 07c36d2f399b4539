import { rejectPlaceholder } from '../validation/host-and-port';
import { webAddress } from '../validation/url';
import { invalid, show } from '../validation/validation-error';

/** Parses the base URL of Prometheus. */
export function baseUrlOfPrometheus(option: string, url: string, allowInsecure: boolean): URL {
  const address = webAddress(option, url, allowInsecure);
  if (address.search !== '' || address.hash !== '') {
    invalid(option, `${show(url)} has a query string`, 'Write only the base URL of Prometheus: /api/v1/query is appended');
  }
  const base = address.pathname.replace(/\/api\/v1(\/query(_range)?)?\/*$/, '');
  if (base !== address.pathname) {
    invalid(option, `${show(url)} is the query endpoint`, `Write only the base URL of Prometheus: ${show(address.origin + base)}; /api/v1/query is appended`);
  }
  rejectPlaceholder(option, url, address.host, 'Write the host itself');
  return address;
}
