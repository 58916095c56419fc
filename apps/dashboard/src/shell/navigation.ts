import {
  Activity,
  Film,
  Gauge,
  KeyRound,
  type LucideIcon,
  ScrollText,
  ServerCog,
  Users,
  Webhook,
} from 'lucide-react';
import type { Session } from '../session/session.ts';

export interface Destination {
  readonly to: '/' | '/videos' | '/library' | '/teams' | '/keys' | '/webhooks' | '/upstreams' | '/audit';
  readonly label: string;
  readonly icon: LucideIcon;
  /** After `g`. */
  readonly key: string;
  readonly adminOnly?: boolean;
}

/** Flat: eight places, always the same, in this order. */
const DESTINATIONS: readonly Destination[] = [
  { to: '/', label: 'Overview', icon: Gauge, key: 'o' },
  { to: '/videos', label: 'Videos', icon: Activity, key: 'v' },
  { to: '/library', label: 'Library', icon: Film, key: 'l' },
  { to: '/teams', label: 'Teams & quotas', icon: Users, key: 't' },
  { to: '/keys', label: 'Keys', icon: KeyRound, key: 'k' },
  { to: '/webhooks', label: 'Webhooks', icon: Webhook, key: 'w' },
  { to: '/upstreams', label: 'Upstreams & prices', icon: ServerCog, key: 'u', adminOnly: true },
  { to: '/audit', label: 'Audit', icon: ScrollText, key: 'a', adminOnly: true },
];

export function destinationsOf(session: Session): readonly Destination[] {
  return DESTINATIONS.filter(({ adminOnly }) => !adminOnly || session.role === 'admin');
}
