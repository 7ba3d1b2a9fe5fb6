import * as ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/**
 * Never connected to, whatever the settings say. Link-local networks hold the metadata services of clouds, which hand
 * out credentials of the machine; the single addresses are those of metadata services outside them.
 */
const NEVER: readonly Range[] = [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255/32',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  '::/128',
  'fe80::/10',
  'ff00::/8',
  'fd00:ec2::/32',
  'fd20:ce::/32',
].map((text) => ipaddr.parseCIDR(text));

const HOST = /^(?!-)[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/i;

/** Where connections may lead: anywhere, to public addresses, to the named hosts, and into networks. */
export class NetworkRules {
  private readonly any: boolean;
  private readonly publicOnes: boolean;
  private readonly hosts: ReadonlySet<string>;
  private readonly ranges: readonly Range[];

  /** Reads entries that satisfy `isNetworkRule`. */
  constructor(entries: readonly string[]) {
    this.any = entries.includes('any');
    this.publicOnes = entries.includes('public');
    this.hosts = new Set(entries.filter((entry) => !isNetwork(entry)).map((host) => normalHost(host)));
    this.ranges = entries.filter(isNetwork).map(rangeOf);
  }

  /** Whether a connection to `address`, to which the host name was resolved, is allowed. */
  allow(host: string, address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    if (isNever(parsed)) return false;
    if (this.any || this.hosts.has(normalHost(host))) return true;
    if (this.publicOnes && parsed.range() === 'unicast') return true;
    return this.ranges.some((range) => isIn(parsed, range));
  }
}

/** Whether a text is an entry of NetworkRules: `any`, `public`, a host name, an address, or a network (CIDR). */
export function isNetworkRule(text: string): boolean {
  return isNetwork(text) || (HOST.test(text) && text.length <= 253);
}

function isNetwork(text: string): boolean {
  return ipaddr.isValidCIDR(text) || (ipaddr.isValid(text) && /[.:]/.test(text));
}

function rangeOf(text: string): Range {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function isNever(address: Address): boolean {
  if (NEVER.some((range) => isIn(address, range))) return true;
  const inner = embedded(address);
  return inner !== undefined && isNever(inner);
}

/** The IPv4 address that a translator (NAT64, RFC 6052) or a tunnel (6to4) sends packets to. */
function embedded(address: Address): ipaddr.IPv4 | undefined {
  if (address.kind() === 'ipv4') return undefined;
  const bytes = address.toByteArray();
  if (isIn(address, NAT64)) return new ipaddr.IPv4(bytes.slice(12));
  return isIn(address, SIX_TO_FOUR) ? new ipaddr.IPv4(bytes.slice(2, 6)) : undefined;
}
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96');
const SIX_TO_FOUR = ipaddr.parseCIDR('2002::/16');

function isIn(address: Address, [network, bits]: Range): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

function normalHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
