/** The twelve teams of the demonstration: what share of the videos is theirs, and how much of its budget each has used. */
export const DEMO_TEAMS = [
  { name: 'brand-films', share: 0.19, used: 0.93, endpoint: true },
  { name: 'social', share: 0.16, used: 0.71, endpoint: true },
  { name: 'product-marketing', share: 0.13, used: 0.62, endpoint: true },
  { name: 'trailers', share: 0.11, used: 0.84, endpoint: true },
  { name: 'learning', share: 0.09, used: 0.48, endpoint: true },
  { name: 'games', share: 0.08, used: 0.55, endpoint: true },
  { name: 'newsroom', share: 0.07, used: 0.38, endpoint: true },
  { name: 'research', share: 0.06, used: 0.99, endpoint: false },
  { name: 'localization', share: 0.05, used: 0.31, endpoint: true },
  { name: 'events', share: 0.03, used: 0.22, endpoint: false },
  { name: 'support', share: 0.02, used: 0.12, endpoint: true },
  { name: 'recruiting', share: 0.01, used: 0.06, endpoint: false },
] as const;

export const DEMO_KEYS = ['render farm', 'notebook', 'campaign tool'] as const;

export const DEMO_PEOPLE = [
  { name: 'Ada Okafor', role: 'admin', teams: [] },
  { name: 'Jonas Lindqvist', role: 'manager', teams: ['brand-films', 'trailers'] },
  { name: 'Mei Tanaka', role: 'manager', teams: ['social'] },
  { name: 'Priya Raman', role: 'manager', teams: ['product-marketing', 'events'] },
  { name: 'Tomás Herrera', role: 'manager', teams: ['learning'] },
  { name: 'Lena Hoffmann', role: 'member', teams: ['brand-films'] },
  { name: 'Sam Whitfield', role: 'member', teams: ['social', 'newsroom'] },
  { name: 'Noor Haddad', role: 'member', teams: ['research'] },
  { name: 'Eitan Gold', role: 'member', teams: ['games'] },
  { name: 'Zofia Nowak', role: 'member', teams: ['localization'] },
  { name: 'Marcus Reid', role: 'member', teams: ['trailers'] },
  { name: 'Chiara Bianchi', role: 'member', teams: ['support', 'recruiting'] },
] as const;

export const DEMO_SUBJECTS = [
  'A red balloon over a frozen lake',
  'Slow push-in on a ceramic kettle, steam catching the morning light',
  'A cyclist crossing a bridge in the rain, seen from above',
  'Two paper boats racing down a gutter',
  'A lighthouse at dusk, the beam sweeping across fog',
  'Time-lapse of a desert bloom after rain',
  'A jazz trio in a small blue room, handheld',
  'A robot arm folding an origami crane',
  'Aerial view of terraced rice fields at sunrise',
  'A cat watching snow through a window, macro on the whiskers',
  'A market at closing time, lanterns switching on one by one',
  'Hands kneading dough on a floured table',
  'A tram gliding through an empty city, early morning',
  'An astronaut watering a single sunflower',
  'Drops of ink spreading in a glass of water',
  'A runner on wet asphalt, low angle, neon reflections',
] as const;

export const DEMO_STYLES = [
  'shot on 35 mm, soft grain',
  'bright product lighting, white sweep',
  'documentary style, natural sound',
  'stop motion, felt and cardboard',
  'anamorphic, shallow focus',
  'isometric, pastel colours',
] as const;

export const DEMO_CAMPAIGNS = [
  'spring-launch',
  'always-on',
  'holiday',
  'onboarding',
  'brand-refresh',
] as const;
