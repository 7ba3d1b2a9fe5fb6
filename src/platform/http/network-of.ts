import ipaddr from 'ipaddr.js';

/** Bits of an IPv6 address that name a network; one customer has at least that many addresses (RFC 6177). */
const IPV6_NETWORK_BITS = 64;

/**
 * The network that limits count by: an IPv4 address itself (also one mapped into IPv6), or the first 64 bits of an
 * IPv6 address. Text that is no address is returned as it is.
 */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  // The zone (fe80::1%eth0) names one of this machine's interfaces, not a network.
  const plain = ip.split('%')[0]!;
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${plain}/${IPV6_NETWORK_BITS}`);
  return `${network.toString()}/${IPV6_NETWORK_BITS}`;
}
