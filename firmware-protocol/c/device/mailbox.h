#ifndef MAILBOX_H
#define MAILBOX_H

#include <stddef.h>
#include <stdint.h>

enum mail_kind {
  /** Nothing came in time. */
  MAIL_NONE,
  /** The link is up. */
  MAIL_CONNECTED,
  /** An attempt to connect came to nothing; `text` says why. */
  MAIL_FAILED,
  /** The link was up and is not any more. */
  MAIL_LOST,
  /** A message came: `text` is its topic. */
  MAIL_MESSAGE,
  /** The last message was delivered, or cannot be. */
  MAIL_SAID_BYE,
  /** The link was taken down. */
  MAIL_CLOSED,
  /** SIGTERM or SIGINT. */
  MAIL_LEAVE,
  /** SIGUSR1 and SIGUSR2 stand for the button. */
  MAIL_SHORT_PRESS,
  MAIL_LONG_PRESS
};

/** What another thread, or a signal, tells the main one. Whoever takes it frees `text` and `payload`. */
struct mail {
  enum mail_kind kind;
  char *text;
  uint8_t *payload;
  size_t length;
};

/** Where mail is put from any thread, and taken by one. */
struct mailbox {
  int letters[2];
};

/** Opens the mailbox, and has signals put into it. @return 0, or an errno */
int mailbox_open(struct mailbox *mailbox);

void mailbox_put(struct mailbox *mailbox, struct mail mail);

/** Waits for mail. @param ms how long at most */
struct mail mailbox_take(struct mailbox *mailbox, int64_t ms);

#endif
