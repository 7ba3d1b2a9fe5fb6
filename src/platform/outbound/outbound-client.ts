import { lookup as resolve, type LookupAddress } from 'node:dns';
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type AddressInfo, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { rootCertificates } from 'node:tls';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import * as ipaddr from 'ipaddr.js';
import { AppConfig } from '../config/app-config';
import { NetworkRules, destinationsOf } from './network-rules';
import { OutboundError } from './outbound-error';
import { OutboundSession, type Route } from './outbound-session';

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '::1']);

/** How a session treats the server. */
export interface OutboundOptions {
  /** False accepts any certificate. */
  verifyTls: boolean;
}

/**
 * The only way to foreign servers whose address a user has given. Each connection is checked against SOURCE_NETWORKS
 * with the address that it is made to, so a name that resolves differently a second time gains nothing. No connection
 * leads to this service itself.
 */
@Injectable()
export class OutboundClient {
  private readonly rules: NetworkRules;
  private readonly authorities: string[] | undefined;
  /** Where people reach this service; other ports and machines in front of it are not known. */
  private readonly publicOrigin: string | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly adapter: HttpAdapterHost,
  ) {
    const given = config.get('SOURCE_NETWORKS');
    this.rules = new NetworkRules(given.length > 0 ? given : [defaultRule(config)]);
    const publicUrl = config.get('PUBLIC_URL');
    this.publicOrigin = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
    this.authorities = authoritiesOf(config.get('SOURCE_CA_FILE'));
  }

  /** A session with one server; its connections are kept until `close`. */
  open({ verifyTls }: OutboundOptions): OutboundSession {
    const common = { keepAlive: true, maxSockets: 4 };
    const tls = { rejectUnauthorized: verifyTls, ...(this.authorities && { ca: this.authorities }) };
    return new OutboundSession({
      http: new HttpAgent(common),
      https: new HttpsAgent({ ...common, ...tls }),
      route: (url) => this.route(url),
    });
  }

  /** Why an address is not allowed, as far as it can be told without asking DNS; undefined if it may be allowed. */
  refusal(url: URL): string | undefined {
    try {
      this.route(url);
      return undefined;
    } catch (error) {
      return (error as OutboundError).message;
    }
  }

  /** Throws an OutboundError for an address that is not allowed, as far as it can be told without asking DNS. */
  private route(url: URL): Route {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (!/^https?:$/.test(url.protocol))
      throw new OutboundError('Only http:// and https:// can be connected.');
    if (url.username !== '' || url.password !== '')
      throw new OutboundError(`The address at ${host} contains a user name or a password.`);
    if (url.origin === this.publicOrigin) throw itself(host);
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    if (isIP(host)) this.require(host, host, port);
    return { host, lookup: this.lookup(port) };
  }

  private lookup(port: number): LookupFunction {
    return (hostname, options, callback) => {
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, '');
        try {
          const allowed = this.allowed(hostname, addresses, port);
          if (options.all) callback(null, allowed);
          else callback(null, allowed[0]!.address, allowed[0]!.family);
        } catch (refused) {
          callback(refused as Error, '');
        }
      });
    };
  }

  private allowed(host: string, addresses: LookupAddress[], port: number): LookupAddress[] {
    const allowed = addresses.filter(({ address }) => this.isAllowed(host, address, port));
    if (allowed.length === 0) this.require(host, addresses[0]?.address ?? '', port);
    return allowed;
  }

  private isAllowed(host: string, address: string, port: number): boolean {
    return this.rules.allow(host, address) && !this.isOwn(address, port);
  }

  private require(host: string, address: string, port: number): void {
    if (this.isOwn(address, port)) throw itself(host);
    if (!this.rules.allow(host, address))
      throw new OutboundError(
        `Connections to ${host} are not allowed: its address is outside the networks that the operator permits (SOURCE_NETWORKS).`,
      );
  }

  private isOwn(address: string, port: number): boolean {
    if (port !== this.ownPort() || !ipaddr.isValid(address)) return false;
    const own = ownAddresses();
    return destinationsOf(address).some((to) => to && (to.range() === 'loopback' || own.has(to.toString())));
  }

  private ownPort(): number {
    // The tools have no server, and neither has a service that is still starting.
    const server = (
      this.adapter.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined
    )?.getHttpServer() as { address(): AddressInfo | string | null } | undefined;
    const address = server?.address();
    return typeof address === 'object' && address ? address.port : this.config.get('PORT');
  }
}

function itself(host: string): OutboundError {
  return new OutboundError(`${host} is this service itself. Enter the address of the tool.`);
}

/** Users of a service on loopback, and of one where not everybody can register, are trusted with its network. */
function defaultRule(config: AppConfig): 'any' | 'public' {
  const trusted = LOOPBACK_HOSTS.has(config.get('HOST')) || config.get('REGISTRATION') !== 'open';
  return trusted ? 'any' : 'public';
}

function ownAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return new Set(all.map(({ address }) => ipaddr.process(address).toString()));
}

function authoritiesOf(file: string | undefined): string[] | undefined {
  return file === undefined ? undefined : [...rootCertificates, readFileSync(file, 'utf8')];
}
