// SPDX-License-Identifier: MIT
/* Sentences about the faults that are left. See faults_left.h. */
#include "analysis/faults_left.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "analysis/claim.h"
#include "analysis/said.h"

#define LEADING_REGIONS 3
#define LEADING_SHARE   0.01 /* a region below this isn't worth a word */
#define STORY_SHARE     0.5  /* of all faults: from here on the allocator's own start is the story */
#define MOSTLY          0.9

static enum region largest(const struct account *account, const bool *named)
{
	enum region most = REGION_COUNT;

	for (enum region region = 0; region < REGION_COUNT; region++)
		if (!named[region] && (most == REGION_COUNT || account->regions[region] > account->regions[most]))
			most = region;
	return most;
}

static int say_regions(char **text, const char *arm, const struct account *account)
{
	bool named[REGION_COUNT] = {false};
	char list[LEADING_REGIONS * 2 * SAID_SIZE] = "";
	double before_main = account->before_main / account->faults;

	for (int i = 0; i < LEADING_REGIONS; i++) {
		enum region region = largest(account, named);
		double share = account->regions[region] / account->faults;
		size_t length = strlen(list);

		if (i && share < LEADING_SHARE)
			break;
		named[region] = true;
		snprintf(list + length, sizeof(list) - length, "%s%s are in the region %s", i ? ", " : "",
		    said_percent(share).text, region_name(region));
	}
	return claim_say(text, "Of the %s faults of %s, %s; %s come before main.",
	    said_figure(UNIT_COUNT, account->faults).text, arm, list, said_percent(before_main).text);
}

static int say_remedies(char **text, const struct account *account)
{
	double others = account->malloc_faults - account->first_touch - account->purged - account->unknown;

	if (!(account->malloc_faults >= 1))
		return claim_say(text, "None is in malloc's memory.");
	if (claim_say(text, "%s of the %s in malloc's memory are first touches, which no recycling saves;",
	        said_figure(UNIT_COUNT, account->first_touch).text,
	        said_figure(UNIT_COUNT, account->malloc_faults).text))
		return -1;
	if (others >= 1 && claim_say(text, "nor does any save the %s that have other causes, such as copies on write;",
	                       said_figure(UNIT_COUNT, others).text))
		return -1;
	if (account->unknown > 0)
		return claim_say(
		    text, "why %s happened can't be told here.", said_figure(UNIT_COUNT, account->unknown).text);
	if (account->purged > 0)
		return claim_say(text, "%s touch again what had been given back, which giving back less would save.",
		    said_figure(UNIT_COUNT, account->purged).text);
	return claim_say(text, "none touches again what had been given back.");
}

/*
 * Phases know regions, not details: of the allocator's faults before main, at least those that all other details
 * together can't account for are its metadata's.
 */
static bool is_initialised(const struct account *account)
{
	double others = account->regions[REGION_ALLOCATOR] - account->metadata;

	return account->allocator_before_main - others >= MOSTLY * account->metadata;
}

static int say_metadata(char **text, const struct account *account)
{
	if (claim_say(text, "%s of the faults are the allocator's own metadata, %s: recycling freed pages cannot help.",
	        said_percent(account->metadata / account->faults).text,
	        is_initialised(account) ? "first touched in its initialisation, before main"
	                                : "each page of it touched for the first time"))
		return -1;
	return claim_say(text,
	    "What would help is to touch less of it: it takes %s faults, %s of zeroing and %s, so leaving all of it "
	    "untouched would make the run %s times as fast at best.",
	    said_figure(UNIT_COUNT, account->metadata).text,
	    said_figure(UNIT_BYTES, account->metadata_zeroed_bytes).text,
	    said_figure(UNIT_SECONDS, account->metadata_fault_time).text,
	    said_ratio(amdahl(account->metadata_fault_time / account_time(account))).text);
}

int faults_left_say(char **text, const char *arm, const struct account *account)
{
	if (!(account->faults >= 1))
		return 0;
	return say_regions(text, arm, account) || say_remedies(text, account) ? -1 : 0;
}

int faults_left_conclude(char **text, const struct account *account)
{
	if (account->metadata >= STORY_SHARE * account->faults &&
	    account->metadata_first_touch >= MOSTLY * account->metadata)
		return say_metadata(text, account);
	/* What it says of its memory is nothing; but before main the program has hardly asked for any. */
	if (isnan(account->metadata) && account->allocator_before_main >= STORY_SHARE * account->faults)
		return claim_say(text,
		    "%s of the faults are in the allocator's memory before main, when the program has asked for little "
		    "yet: most likely its own tables, which recycling freed pages cannot help.",
		    said_percent(account->allocator_before_main / account->faults).text);
	return 0;
}
