package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/openai/openai-go/v3/option"
)

// What the SDK says of each webhook of a list: accepted or refused.
func webhooks() any {
	var cases []struct {
		Secret, Body string
		Headers      map[string]string
	}
	if err := json.Unmarshal(must(os.ReadFile(os.Getenv("WEBHOOKS"))), &cases); err != nil {
		panic(err)
	}
	client := createClient()
	verdicts := []string{}
	for _, one := range cases {
		headers := http.Header{}
		for name, value := range one.Headers {
			headers.Set(name, value)
		}
		event, err := client.Webhooks.Unwrap([]byte(one.Body), headers, option.WithWebhookSecret(one.Secret))
		verdict := "refused"
		if err == nil {
			verdict = fmt.Sprintf("accepted %s %s", event.Type, event.Data.ID)
		}
		verdicts = append(verdicts, verdict)
	}
	return verdicts
}
