import type { RegistrationPage } from "@tollhouse/core/configuration/configuration";
import type { Message } from "./page/message-page.ts";

const how = "In the AWS console, open AWS Marketplace, Manage subscriptions, choose the product and click";
const again = `${how} “Set up your account” again. You need not subscribe again.`;

export const welcome = ({ texts }: RegistrationPage): Message => ({
  title: "Welcome",
  text: `${texts.welcome === undefined ? "" : `${texts.welcome} `}This page finishes a subscription made on AWS Marketplace. ${how} “Set up your account”.`,
  login: true,
});

/** What a buyer is told when something stands in the way. */
export const messages = {
  buyerAwaited: {
    title: "AWS is still preparing your subscription",
    text: `This takes about a minute. If it takes longer: ${how.charAt(0).toLowerCase()}${how.slice(1)} “Set up your account” again.`,
  },
  expired: { title: "This link has expired", text: again, login: true },
  invalid: { title: "AWS does not know this link", text: again, login: true },
  "unknown-product": {
    title: "This product is not set up here",
    text: "Please write to our support; your subscription is safe with AWS.",
  },
  noToken: {
    title: "Something is missing",
    text: `AWS Marketplace sends a token along with you, and it did not arrive. ${again}`,
    login: true,
  },
  visitOver: {
    title: "This page has been open for too long",
    text: `You are registered; nothing is lost. To go on: ${how.charAt(0).toLowerCase()}${how.slice(1)} “Set up your account” again.`,
    login: true,
  },
  erased: {
    title: "Your registration was erased",
    text: `What named you here is gone, as you or your company asked. To use the product again: ${how.charAt(0).toLowerCase()}${how.slice(1)} “Set up your account”.`,
  },
  tooLarge: {
    title: "That was too much",
    text: `The request was larger than any AWS Marketplace sends. ${again}`,
  },
  elsewhere: {
    title: "This was not sent from here",
    text: `Another website tried to press a button on this page. Nothing happened. ${again}`,
  },
  notFound: {
    title: "There is nothing here",
    text: "The address of this page ends in /register.",
    login: true,
  },
  unavailable: {
    title: "We could not reach AWS just now",
    text: "Nothing is lost. This mostly passes within a minute.",
  },
  confirm: {
    title: "Confirm your e-mail address",
    text: "One press, and we know that mail to you arrives.",
  },
  confirmed: {
    title: "Thank you",
    text: "Your e-mail address is confirmed. There is nothing more to do here.",
    login: true,
  },
  linkOver: {
    title: "This link confirms nothing any more",
    text: `It is older than a week, or another address was given since. To get a new one: ${how.charAt(0).toLowerCase()}${how.slice(1)} “Set up your account” again.`,
    login: true,
  },
} as const satisfies Record<string, Message>;

export const badReference = (why: string): Message => ({
  title: "The reference cannot be used",
  text: `The page that sent you here named you by a reference that we cannot take: ${why}. Nothing is lost: you can register without it, and tell our support the reference you were given.`,
});

export const tooManyMails =
  "Too many addresses were given today. Leave this empty to keep the one that we have, or write to our support.";
