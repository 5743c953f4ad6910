/** Words for when devices cannot be trusted. They say what it means and what to do; never a key, a hash or a log. */

const RISK = "Somebody unknown could read what you write, so nothing leaves this device for now. What you write is kept.";

export const trustText = {
  trust: {
    alarmTitle: "Sending is on hold",
    alarm: {
      changed: `The organisation's list of devices has been changed in a way that it never should be. ${RISK}`,
      differ: `You and a colleague are being shown different lists of devices. ${RISK}`,
    },
    /** What to do, wherever something is on hold. */
    todo: "Tell IT security now. Call or speak in person for what cannot wait.",
    again: "Check again",
    held: "Sending is on hold. What you have written is kept on this device.",
    kept: "Not sent, kept on this device",
    conversationTitle: "This conversation is on hold",
    conversationHeld: "A device in it is not on the organisation's list of devices, and nobody knows whose it is. Nothing you write is sent, and newer messages are not shown.",
    waits: "On hold, kept on this device",
    untrustedDevice: "A device of somebody you chose is not on the organisation's list of devices. Nothing was sent. A device that is only a few seconds old may still appear: try again once. If it happens again, tell IT security.",
    logAlarm: "Sending is on hold. Tell IT security now. Call or speak in person for what cannot wait.",
    added: (when: string) => `A device was added in your name on ${when}. Is it yours?`,
    addedMany: (count: number) => `${count} devices were added in your name. Are they yours?`,
    look: "Look at it",
    mine: "It is mine",
    notMine: "Not mine, remove it",
    newDevice: (name: string) => `${name}: is this yours?`,
    newDeviceHint: (when: string) => `It was added in your name on ${when}, and can be let into your conversations. If you did not add it, remove it and tell IT security.`,
    unlisted: "A device that is missing from the list below",
    unlistedHint: (when: string) => `It was added in your name on ${when}, and the server does not list it. If you did not add it, tell IT security now.`,
  },
};
