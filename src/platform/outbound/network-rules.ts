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
    const [parsed, inner] = destinationsOf(address);
    if (isNever(parsed) || (inner && isNever(inner))) return false;
    if (this.any || this.hosts.has(normalHost(host))) return true;
    if (this.publicOnes && !inner && parsed.range() === 'unicast') return true;
    return this.ranges.some((range) => isIn(parsed, range));
  }
}

/**
 * The address, and the IPv4 address that is embedded in it, if there is one: a translator or a tunnel on the way sends
 * the packets to that one. An IPv4 address that is only written as IPv6 (`::ffff:127.0.0.1`) is that IPv4 address.
 */
export function destinationsOf(address: string): [Address, ipaddr.IPv4?] {
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4' || parsed.range() === 'loopback') return [parsed];
  const at = EMBEDDING.find(([range]) => isIn(parsed, range))?.[1];
  const bytes = parsed.toByteArray();
  return at === undefined ? [parsed] : [parsed, new ipaddr.IPv4(bytes.slice(at, at + 4))];
}

/** Networks whose addresses hold an IPv4 address, and where it begins. */
const EMBEDDING: ReadonlyArray<[range: Range, at: number]> = [
  // NAT64 (RFC 6052, RFC 8215), SIIT (RFC 6145), and the old IPv4-compatible form.
  [ipaddr.parseCIDR('64:ff9b::/96'), 12],
  [ipaddr.parseCIDR('64:ff9b:1::/48'), 12],
  [ipaddr.parseCIDR('::ffff:0:0:0/96'), 12],
  [ipaddr.parseCIDR('::/96'), 12],
  // 6to4.
  [ipaddr.parseCIDR('2002::/16'), 2],
];

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
  return NEVER.some((range) => isIn(address, range));
}

function isIn(address: Address, [network, bits]: Range): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

function normalHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
