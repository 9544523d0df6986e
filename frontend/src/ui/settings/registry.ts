import Bell from '@lucide/svelte/icons/bell'
import HardDrive from '@lucide/svelte/icons/hard-drive'
import Inbox from '@lucide/svelte/icons/inbox'
import Keyboard from '@lucide/svelte/icons/keyboard'
import Palette from '@lucide/svelte/icons/palette'
import Users from '@lucide/svelte/icons/users'
import Waypoints from '@lucide/svelte/icons/waypoints'
import type { Component } from 'svelte'
import type { Desk } from '../../state/desk.svelte'
import type { Section } from '../../state/sections'
import AccessSettings from './AccessSettings.svelte'
import AccountSettings from './AccountSettings.svelte'
import AppearanceSettings from './AppearanceSettings.svelte'
import DataSettings from './DataSettings.svelte'
import NotificationSettings from './NotificationSettings.svelte'
import KeySettings from './KeySettings.svelte'
import PeopleSettings from './PeopleSettings.svelte'

interface Entry {
  icon: typeof Palette
  component: Component<{ desk: Desk }>
}

/** What is shown of each section: one line a section. */
export const registry: Record<Section, Entry> = {
  accounts: { icon: Inbox, component: AccountSettings },
  appearance: { icon: Palette, component: AppearanceSettings },
  notifications: { icon: Bell, component: NotificationSettings },
  keys: { icon: Keyboard, component: KeySettings },
  people: { icon: Users, component: PeopleSettings },
  access: { icon: Waypoints, component: AccessSettings },
  data: { icon: HardDrive, component: DataSettings },
}
